// What this device keeps and what it waits for: claims, orders, keyrings, and what the key endpoint's answers mean for them.
// Everything but the store itself is pure; the clock comes in.

import { hex, sha256 } from "../protocol.js";

/**
 * @typedef {{ claim?: string, order?: string, licence?: string }} Proof what opens on any device: claim and order, or a licence key, or the code of a keyring beside the site
 * @typedef {{ bytes?: Uint8Array, token?: string, proof?: Proof, checked: number, failed?: number, closed: string }} Ring
 *   a course on this device; `bytes` is missing until the keyring was fetched, `closed` says why there is none any more; `checked` and `failed`: when the endpoint answered, or did not; times in ms
 * @typedef {{ claim: string, course: string, page: string, y: number, order?: string, at?: number }} Claim
 *   one press of Buy: where, how far down, and once somebody returned from a checkout: with which order, when
 * @typedef {{ device: string, rings: Record<string, Ring>, claims: Claim[] }} Kept claims oldest first
 * @typedef {keyof typeof import("./en.js").default} Word
 */

const DAY = 864e5;

/**
 * The order reference in an address, and the address without it. A placeholder that the provider left unfilled is none.
 * @param {string} href
 */
export function takeOrder(href) {
  const url = new URL(href);
  const [, inHash] = url.hash.match(/^#order=(.*)/) ?? [];
  const order = url.searchParams.get("order") ?? inHash;
  url.searchParams.delete("order");
  if (inHash) url.hash = "";
  return { order: order?.match(/^[\w.:-]{1,128}$/)?.[0], rest: url.href };
}

/**
 * The checkout address with the claim's hash and what the page's own address says about discount and affiliate.
 * @param {string} checkout @param {string} hash @param {string} search the page's query
 */
export function checkoutUrl(checkout, hash, search) {
  const url = new URL(checkout);
  const own = new URLSearchParams(search);
  const all = { "checkout[custom][claim]": hash, "checkout[discount_code]": own.get("discount"), aff: own.get("aff") };
  for (const [name, value] of Object.entries(all)) if (value) url.searchParams.set(name, value);
  return url.href;
}

/** Claims of the last month that came back with an order, newest first. @param {Kept} kept @param {number} now */
export const returned = ({ claims }, now) => claims.filter(({ at = 0 }) => now - at < 30 * DAY).reverse();

/**
 * Asks at once, then after 2 s rising to 30 s, for 4 minutes: providers repeat a lost webhook for up to 155 s.
 * @template {{ word: string, body?: any }} A
 * @param {() => Promise<A>} once @param {(ms: number) => Promise<unknown>} wait @param {() => number} now
 * @returns {Promise<A>} the first definite answer, or the last one
 */
export async function ask(once, wait, now) {
  const end = now() + 24e4;
  for (let pause = 2e3; ; pause = Math.min(pause * 1.5, 3e4)) {
    const answer = await once();
    const next = Math.max(pause, Math.min((answer.body?.retryAfter ?? 0) * 1e3, 3e4));
    if (!/pending|wait|down/.test(answer.word) || now() + next > end) return answer;
    await wait(next);
  }
}

/** Whether a keyring is to be asked about again: once a day, and again after an hour when nobody answered. @param {Ring} ring @param {number} now */
export const due = ({ checked, failed }, now) => Math.abs(now - checked) >= DAY && Math.abs(now - (failed ?? 0)) >= DAY / 24;

/**
 * What an answer of the key endpoint means: a word for the reader, none if it is what was asked for.
 * @param {number} status @param {any} body parsed JSON, or null where it was none @returns {Word | "token" | ""}
 */
export function meaning(status, body) {
  const word = body?.error;
  if (status === 403 && (closes(word) || word === "token")) return word;
  if (status === 404 && word === "unknown" || status === 429 && word === "devices") return word;
  return body && status === 200 ? "" : body && status === 202 ? "pending" : status === 429 ? "wait" : "down";
}

/** Only these take a keyring away: each is a clear word of the endpoint. @param {any} word @returns {boolean} */
export const closes = (word) => ["refunded", "expired", "revoked", "course", "locked"].includes(word);

// The store: IndexedDB. Several sites on one origin do not meet.

/** @returns {Kept} */
export const nothing = () => ({ device: crypto.randomUUID().replaceAll("-", ""), rings: {}, claims: [] });

/**
 * Where the browser refuses to keep anything, the page works until it is left.
 * @param {string} site @returns {Promise<(change?: (kept: Kept) => void) => Promise<Kept>>} reads, changes and writes in one transaction, so that two tabs do not undo each other
 */
export async function openStore(site) {
  const name = "bookplate-" + hex(await sha256(site)).slice(0, 16);
  const memory = nothing();
  /** @type {IDBDatabase | null} */
  const db = await new Promise((done, fail) => {
    const open = indexedDB.open(name, 1);
    open.onupgradeneeded = () => open.result.createObjectStore("kept");
    open.onsuccess = () => done(open.result);
    open.onerror = fail;
  }).catch(() => null);
  return (change = () => {}) => new Promise((done, fail) => {
    if (!db) return change(memory), done(memory);
    const work = db.transaction("kept", "readwrite");
    const table = work.objectStore("kept");
    const read = table.get(0);
    read.onsuccess = () => {
      const kept = read.result ?? memory;
      change(kept);
      table.put(kept, 0);
      work.oncomplete = () => done(kept);
    };
    work.onabort = () => fail(work.error);
  });
}
