// A sealed file becomes text and images on the page. Text goes in as one string, scripts in it do not run.

import { openAsset, openLesson } from "../protocol.js";

/** @typedef {import("../protocol.js").Keyring} Keyring @typedef {import("../protocol.js").AssetEntry} AssetEntry */

/** The file is not the one that the page was built with, or is not there. */
export class Stale extends Error {}

/**
 * Fetched and compared with its hash. The hash in the address gets around caches that still hold an older file of that name.
 * @param {string} address @param {string} sha256 hex
 */
async function fetchSealed(address, sha256) {
  const answer = await fetch(`${address}?v=${sha256.slice(0, 8)}`, { credentials: "omit" });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  if (!answer.ok || toHex(hash) !== sha256) throw new Stale(address);
  return bytes;
}

/** @param {Uint8Array} bytes */
const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/**
 * @param {Keyring} keyring @param {{ file: string, sha256: string, base: string }} page @param {Element} into emptied by the caller
 * @returns {Promise<() => void>} takes the text away again
 */
export async function openInto(keyring, page, into) {
  const { html, assets } = await openLesson(keyring, await fetchSealed(page.file, page.sha256));
  const template = document.createElement("template");
  template.innerHTML = html;
  into.replaceChildren(template.content);
  const close = wireAssets(into, assets, page.base);
  return () => {
    close();
    into.replaceChildren();
  };
}

/** Images open when they come near, downloads when they are asked for. @param {Element} text @param {AssetEntry[]} assets @param {string} base */
function wireAssets(text, assets, base) {
  /** @type {Set<string>} */
  const urls = new Set();
  /** @param {Element} element */
  const blob = async (element) => {
    const entry = assets[Number(element.getAttribute("data-bookplate-asset"))];
    const bytes = await fetchSealed(`${base}-/sealed/${entry.name}.bin`, entry.sha256);
    // A download never runs as a page of this site.
    const type = element instanceof HTMLImageElement ? entry.mediaType : "application/octet-stream";
    const url = URL.createObjectURL(new Blob([await openAsset(entry, bytes)], { type }));
    urls.add(url);
    return url;
  };
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      blob(target).then((url) => target.setAttribute("src", url), () => target.classList.add("missing"));
    }
  }, { rootMargin: "1000px" });
  for (const element of text.querySelectorAll("[data-bookplate-asset]")) {
    if (!(element instanceof HTMLAnchorElement)) {
      near.observe(element);
      continue;
    }
    element.href = "#";
    element.addEventListener("click", async (event) => {
      event.preventDefault();
      const link = document.createElement("a");
      link.download = element.download;
      link.href = await blob(element);
      link.click();
    });
  }
  const revoke = () => urls.forEach((url) => URL.revokeObjectURL(url));
  addEventListener("pagehide", revoke);
  return () => {
    near.disconnect();
    removeEventListener("pagehide", revoke);
    revoke();
  };
}
