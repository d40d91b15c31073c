// The lock, the bookplate and the opened lesson as things on the page. What comes from elsewhere goes in as text; only the lesson itself is HTML.

import { hex, openAsset, openLesson, sha256 } from "../protocol.js";

/** @typedef {import("../protocol.js").Keyring} Keyring @typedef {import("../protocol.js").AssetEntry} AssetEntry */

/** @param {string} selector @returns {any} */
export const find = (selector) => document.querySelector(selector);

/** @param {string} tag @param {string} kind class @param {(Node | string)[]} inside */
export function make(tag, kind, ...inside) {
  const element = document.createElement(tag);
  element.className = kind;
  element.append(...inside);
  return element;
}

/** @param {string} label @param {() => unknown} act @param {string} [kind] class */
export function button(label, act, kind = "") {
  const made = /** @type {HTMLButtonElement} */ (make("button", kind, label));
  made.type = "button";
  made.onclick = act;
  return made;
}

/** Shows or hides the form for codes. @param {boolean} show */
export function showForm(show) {
  find(".code-form").hidden = !show;
  find(".have-code").ariaExpanded = show;
}

/**
 * Puts text in the place of the lock, or the lock back. Nothing above moves.
 * @param {Node[]} parts of the opened lesson; none: locked
 */
export function showOpened(...parts) {
  const y = scrollY;
  const opened = find("#opened");
  opened?.replaceChildren(...parts);
  if (opened) opened.hidden = !parts.length;
  find("#lock").hidden = parts.length > 0;
  find("#bookplate").closest("article")?.toggleAttribute("data-open", parts.length > 0);
  scrollTo({ top: y, behavior: "instant" });
}

/** The code to keep, to copy or print. @param {typeof import("./text.js").words extends (l: string) => infer W ? W : never} say @param {import("./store.js").Proof} proof */
export function keepBox(say, { claim = "", order = "" }) {
  const both = make("p", "", say.claim, make("code", "", claim), make("br", ""), say.reference, make("code", "", order));
  return make("div", "plate-code", make("p", "", say.keep), both,
    button(say.toClipboard, () => navigator.clipboard.writeText(both.innerText), "copy-code"), " ",
    button(say.print, () => {
      const { dataset } = document.documentElement;
      dataset.print = "code";
      print();
      delete dataset.print;
    }, "print-code"));
}

/** The hash in the address gets around caches that still hold an older file of that name. @param {string} address @param {string} sha256 hex */
async function fetchSealed(address, sha256) {
  const answer = await fetch(`${address}?v=${sha256.slice(0, 8)}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * Opens a lesson into an element. Text goes in as one string, and scripts in it do not run.
 * @param {Keyring} keyring @param {{ file: string, sha256: string, base: string }} page
 * @returns {Promise<{ body: HTMLElement, close: () => void }>} `close` frees what the images hold
 */
export async function openBody(keyring, page) {
  const bytes = await fetchSealed(page.file, page.sha256);
  if (hex(await sha256(bytes)) !== page.sha256) throw new Error("not the page's file");
  const { html, assets } = await openLesson(keyring, bytes);
  const template = document.createElement("template");
  template.innerHTML = html;
  const body = make("div", "opened-body", template.content);
  /** @type {string[]} */
  const urls = [];
  /** @param {any} element @param {string} [type] a download never runs as a page of this site */
  const blob = async (element, type) => {
    const entry = assets[element.dataset.bookplateAsset];
    const opened = await openAsset(entry, await fetchSealed(`${page.base}-/sealed/${entry.name}.bin`, entry.sha256));
    const url = URL.createObjectURL(new Blob([/** @type {any} */ (opened)], { type: type ?? entry.mediaType }));
    urls.push(url);
    return url;
  };
  // Images open when they come near.
  const near = new IntersectionObserver((seen) => seen.forEach(async ({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    near.unobserve(target);
    /** @type {HTMLImageElement} */ (target).src = await blob(target).catch(() => "");
  }), { rootMargin: "1000px" });
  for (const element of body.querySelectorAll("[data-bookplate-asset]")) {
    if (!(element instanceof HTMLAnchorElement)) near.observe(element);
    else {
      element.href = "#";
      element.onclick = async (event) => {
        event.preventDefault();
        const link = document.createElement("a");
        link.download = element.download;
        link.href = await blob(element, "application/octet-stream");
        link.click();
      };
    }
  }
  const close = () => {
    near.disconnect();
    urls.forEach(URL.revokeObjectURL);
  };
  addEventListener("pagehide", close);
  return { body, close };
}
