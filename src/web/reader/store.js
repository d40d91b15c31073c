// What this device keeps, in IndexedDB: keyrings, claims, returns from checkouts. Several sites on one origin do not meet.

import { hex, sha256 } from "../protocol.js";

/**
 * @typedef {{ claim?: string, order?: string, licence?: string }} Proof what opens on any device: claim and order, or a licence key, or the code of a keyring beside the site
 * @typedef {{ bytes?: Uint8Array, token?: string, proof?: Proof, checked: number, closed?: string }} Ring
 *   a course on this device; `bytes` is missing until the keyring was fetched, `closed` says why there is none any more; times in ms
 * @typedef {{ claim: string, course: string, page: string, at: number, y: number, back?: boolean }} Claim one press of Buy
 * @typedef {{ order: string, at: number }} Return one return from a checkout
 * @typedef {{ device: string, rings: Record<string, Ring>, claims: Claim[], orders: Return[] }} Kept
 */

/** @returns {Kept} */
export const nothing = () => ({ device: crypto.randomUUID().replaceAll("-", ""), rings: {}, claims: [], orders: [] });

/**
 * Where the browser refuses to keep anything, the page works until it is left.
 * @param {string} site @returns {Promise<(change?: (kept: Kept) => void) => Promise<Kept>>} reads, changes and writes in one transaction, so that two tabs do not undo each other
 */
export async function openStore(site) {
  const name = "bookplate-" + hex(await sha256(new TextEncoder().encode(site))).slice(0, 16);
  const memory = nothing();
  /** @type {IDBDatabase | undefined} */
  const db = await new Promise((done) => {
    const open = globalThis.indexedDB?.open(name, 1);
    if (!open) return done(undefined);
    open.onupgradeneeded = () => open.result.createObjectStore("kept");
    open.onsuccess = () => done(open.result);
    open.onerror = () => done(undefined);
  });
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
