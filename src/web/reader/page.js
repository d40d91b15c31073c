// The lock, the bookplate and the opened lesson as things on the page. What comes from elsewhere goes in as text; only the lesson itself is HTML.

import { hex, openAsset, openLesson, sha256 } from "../protocol.js";

/** @typedef {import("../protocol.js").Keyring} Keyring @typedef {import("./kept.js").Word} Word */

/** @param {string} selector @returns {any} */
export const find = (selector) => document.querySelector(selector);

/**
 * What the builder wrote about this page.
 * @type {{ site: string, base: string, course: string, lesson: string | null, file: string, sha256: string, epoch: number,
 *   endpoint: string | null, static: string, checkout: string | null, plate: string, lang: string, courses: { id: string, title: string, url: string }[] }}
 */
export const page = JSON.parse(find("#bookplate").dataset.bookplate);

/** @param {string} tag @param {object} properties @param {(Node | string)[]} inside @returns {any} */
export function make(tag, properties, ...inside) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
}

/** @param {string} label @param {() => unknown} onclick */
export const button = (label, onclick) => make("button", { type: "button", onclick }, label);

/** @param {boolean} show the form for codes */
export function showForm(show) {
  find(".code-form").hidden = !show;
  find(".have-code").ariaExpanded = show;
}

/** Puts text in the place of the lock, or the lock back. Nothing above moves. @param {Node[]} parts of the opened lesson; none: locked */
export function showOpened(...parts) {
  const is = parts.length > 0;
  const opened = find("#opened");
  opened.replaceChildren(...parts);
  opened.hidden = !is;
  find("#lock").hidden = is;
  opened.closest("article").toggleAttribute("data-open", is);
}

/** The code to keep, to copy or print. @param {Record<Word, string>} say @param {import("./kept.js").Proof} proof */
export function keepBox(say, { claim = "", order = "" }) {
  // The code of a keyring beside the site opens alone.
  const both = make("p", {}, say.claim, make("code", {}, claim), make("br", {}), order && say.reference, make("code", {}, order));
  return make("div", { className: "plate-code" }, make("p", {}, order && say.keep), both,
    button(say.toClipboard, () => navigator.clipboard.writeText(both.innerText)),
    button(say.print, () => {
      const { dataset } = find("html");
      dataset.print = "";
      print();
      delete dataset.print;
    }));
}

/**
 * A sealed file, compared with its hash, which in the address gets around caches that hold an older file of that name.
 * @param {string} address @param {string} hash hex @param {RequestCache} [cache] @returns {Promise<Uint8Array>}
 */
async function fetchSealed(address, hash, cache) {
  const bytes = new Uint8Array(await (await fetch(`${address}?v=${hash.slice(0, 8)}`, { cache })).arrayBuffer());
  if (hex(await sha256(bytes)) === hash) return bytes;
  if (cache) throw Error(address);
  return fetchSealed(address, hash, "reload");
}

/** Frees what the images of the opened lesson hold. */
export let close = () => {};

/**
 * Opens the page's lesson. Text goes in as one string, and scripts in it do not run.
 * @param {Keyring} keyring @returns {Promise<HTMLElement>}
 */
export async function openBody(keyring) {
  const { html, assets } = await openLesson(keyring, await fetchSealed(page.file, page.sha256));
  const template = make("template", { innerHTML: html });
  const body = make("div", { className: "opened-body" }, template.content);
  /** @type {string[]} */
  const urls = [];
  /** A download never runs as a page of this site. @param {any} element */
  const blob = async (element) => {
    const entry = assets[element.dataset.bookplateAsset];
    const opened = await openAsset(entry, await fetchSealed(`${page.base}-/sealed/${entry.name}.bin`, entry.sha256));
    urls.push(URL.createObjectURL(new Blob([/** @type {any} */ (opened)], { type: element.download ? "application/octet-stream" : entry.mediaType })));
    return urls.at(-1);
  };
  // Images open when they come near.
  const near = new IntersectionObserver((seen) => seen.forEach(async ({ isIntersecting, target }) => {
    if (!isIntersecting) return;
    near.unobserve(target);
    /** @type {any} */ (target).src = await blob(target).catch(() => "");
  }), { rootMargin: "1000px" });
  for (const element of body.querySelectorAll("[data-bookplate-asset]")) {
    if (element.tagName !== "A") near.observe(element);
    else {
      element.href = "#";
      element.onclick = async (/** @type {Event} */ event) => {
        event.preventDefault();
        make("a", { download: element.download, href: await blob(element) }).click();
      };
    }
  }
  close();
  close = () => {
    near.disconnect();
    urls.forEach(URL.revokeObjectURL);
  };
  return body;
}
addEventListener("pagehide", () => close());
