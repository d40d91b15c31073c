// Facts, names and devices in a store of keys and values. What is written once is never changed; what changes is compared and swapped.

import { hex, sha256 } from "../protocol.js";

/** @typedef {import("./entitlement.js").Fact} Fact */
/**
 * @typedef {{
 *   get(key: string): Promise<{ value: any, etag: string } | null>,
 *   put(key: string, value: unknown, etag?: string): Promise<boolean>,
 *   delete(key: string): Promise<void>,
 *   list(prefix: string): Promise<string[]>,
 * }} Store put writes if the key is new, or with an etag if it is unchanged since; false: somebody else was first. Keys stay below 600
 *   bytes of `[A-Za-z0-9_:/~-]`.
 */
/** @typedef {import("./devices.js").Device} Device */

/** How often somebody else may be first. Each time one of them gets on, so that this is only a guard. */
const TRIES = 100;

/** @param {string} text */
const sha256Hex = async (text) => hex(await sha256(text));
/** @param {string} kind f for facts, d for devices @param {string} order */
const folder = (kind, order) => `${kind}/${order.replace(/[^\w:-]/gu, (c) => `~${c.codePointAt(0)?.toString(16)}~`)}/`;
/** A fact has one name, wherever it was written. @param {Fact} fact */
const factKey = async (fact) => folder("f", fact.order) + (await sha256Hex(JSON.stringify(fact, (_, value) => (value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort()) : value))));
/** @param {string} kind claim, licence or subscription @param {string} name the digest of the first two */
const nameKey = (kind, name) => `n/${kind}/${name}`;

/** The name that a fact binds, and its kind: a claim only once it was paid. @param {Fact} fact */
const nameOf = ({ kind, status, claim, key, subscription }) => {
  if (kind === "licence") return nameKey(kind, key);
  if (kind === "subscription") return nameKey(kind, subscription);
  return claim && status !== "open" ? nameKey("claim", claim) : undefined;
};

/** The mark of an order that was forgotten. @param {string} order */
const tombstone = async (order) => `x/${await sha256Hex(order)}`;

/** Values that are there. @param {Store} store @param {string[]} keys @returns {Promise<any[]>} */
const read = async (store, keys) => (await Promise.all(keys.map((key) => store.get(key)))).flatMap((found) => (found ? [found.value] : []));
/** @param {Store} store @param {string} order @returns {Promise<Fact[]>} */
const factsOf = async (store, order) => read(store, await store.list(folder("f", order)));
/** Takes facts back, with the names that they bound. @param {Store} store @param {Fact[]} facts */
const takeBack = (store, facts) => Promise.all(facts.map(async (fact) => {
  const name = nameOf(fact);
  if (name && (await store.get(name))?.value === fact.order) await store.delete(name);
  await store.delete(await factKey(fact));
}));

/** What readers and webhooks do with them. @param {Store} store */
export const books = (store) => ({
  /**
   * Replaces a value by what `change` makes of it, whatever others do meanwhile; where it makes nothing, nothing is written.
   * @template T @param {string} key @param {(value: T | undefined) => T | undefined} change @returns {Promise<T | undefined>} what stands there now
   */
  async swap(key, change) {
    for (let n = 0; n < TRIES; n++) {
      const found = await store.get(key);
      const next = change(found?.value);
      if (next === undefined || (await store.put(key, next, found?.etag))) return next ?? found?.value;
    }
    throw new Error("too many writers");
  },
  /** Inserts a fact once and binds its name to the first order that brings it. @param {Fact} fact @returns {Promise<"new" | "known" | "forgotten">} */
  async insert(fact) {
    if (await this.isForgotten(fact.order)) return "forgotten";
    const isNew = await store.put(await factKey(fact), fact);
    // A repetition binds too: whoever stored the fact may have stopped there.
    const name = nameOf(fact);
    if (name) await store.put(name, fact.order);
    // Whoever forgot the order meanwhile may not have seen it.
    if (!(await this.isForgotten(fact.order))) return isNew ? "new" : "known";
    await takeBack(store, [fact]);
    return "forgotten";
  },
  /** @param {string} order */
  facts: (order) => factsOf(store, order),
  /** @param {string} kind @param {string} name @returns {Promise<string | undefined>} */
  find: async (kind, name) => (await store.get(nameKey(kind, name)))?.value,
  /** @param {string} order */
  isForgotten: async (order) => (await store.get(await tombstone(order))) !== null,
  /** @param {string} order @param {number} seat @param {(rows: Device[]) => Device[] | undefined} change @returns {Promise<Device[]>} */
  async changeDevices(order, seat, change) {
    return (await this.swap(folder("d", order) + seat, (/** @type {Device[] | undefined} */ rows) => change(rows ?? []))) ?? [];
  },
});

/** What only the author does with them. @param {Store} store */
export const archive = (store) => ({
  /** What becomes of every order and its facts. @template T @param {(order: string, facts: Fact[]) => Promise<T>} visit */
  async each(visit) {
    /** @type {Map<string, string[]>} */
    const all = new Map();
    for (const key of await store.list("f/")) {
      const order = key.slice(0, key.lastIndexOf("/"));
      all.get(order)?.push(key) ?? all.set(order, [key]);
    }
    /** @type {T[]} */
    const made = [];
    for (const keys of all.values()) {
      const facts = await read(store, keys);
      if (facts.length) made.push(await visit(facts[0].order, facts));
    }
    return made;
  },
  /** Forgets an order but for a mark that keeps its facts out from now on. @param {string} order @returns {Promise<boolean>} false: there is none */
  async forget(order) {
    if (!(await factsOf(store, order)).length) return false;
    await store.put(await tombstone(order), 1);
    for (const key of await store.list(folder("d", order))) await store.delete(key);
    // Whoever comes from now on takes his own back. Facts go last, for names are found by them: whoever is interrupted asks again.
    await takeBack(store, await factsOf(store, order));
    return true;
  },
  /** Of all seats. @param {string} order @returns {Promise<Device[]>} */
  devices: async (order) => (await read(store, await store.list(folder("d", order)))).flat(),
});
