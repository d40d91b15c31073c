// Facts, names and devices in a store of keys and values. What is written once is never changed; what changes is compared and swapped.

import { hex, sha256, utf8 } from "../protocol.js";

/** @typedef {import("./entitlement.js").Fact} Fact */
/**
 * @typedef {{
 *   get(key: string): Promise<{ value: any, etag: string } | null>,
 *   put(key: string, value: unknown, etag?: string): Promise<boolean>,
 *   list(prefix: string): Promise<string[]>,
 * }} Store put writes if the key is new, or with an etag if it is unchanged since; false: somebody else was first. Keys stay below 600
 *   bytes of `[A-Za-z0-9_:/~-]`.
 */
/** @typedef {import("./devices.js").Device} Device */

/** How often somebody else may be first. Each time one of them gets on, so that this is only a guard. */
const TRIES = 100;

/** @param {string} text */
const sha256Hex = async (text) => hex(await sha256(utf8(text)));
/** @param {string} order */
const segment = (order) => order.replace(/[^\w:-]/gu, (c) => `~${c.codePointAt(0)?.toString(16)}~`);
/** @param {string} kind claim, licence or subscription @param {string} name the digest of the first two */
const nameKey = (kind, name) => `n/${kind}/${name}`;

/** The name that a fact binds, and its kind: a claim only once it was paid. @param {Fact} fact */
const nameOf = ({ kind, status, claim, key, subscription }) => {
  if (kind === "licence") return nameKey(kind, key);
  if (kind === "subscription") return nameKey(kind, subscription);
  return claim && status !== "open" ? nameKey("claim", claim) : undefined;
};

/** @param {Store} store */
export function books(store) {
  /** @param {string[]} keys @returns {Promise<Fact[]>} */
  const read = async (keys) => (await Promise.all(keys.map((key) => store.get(key)))).flatMap((found) => (found ? [found.value] : []));

  /**
   * Replaces a value by what `change` makes of it, whatever others do meanwhile; where it makes nothing, nothing is written.
   * @template T @param {string} key @param {(value: T | undefined) => T | undefined} change
   */
  async function swap(key, change) {
    for (let n = 0; n < TRIES; n++) {
      const found = await store.get(key);
      const next = change(found?.value);
      if (next === undefined || (await store.put(key, next, found?.etag))) return;
    }
    throw new Error("too many writers");
  }

  return {
    swap,
    /** Inserts a fact once and binds its name to the first order that brings it. @param {Fact} fact @returns {Promise<"new" | "known" | "forgotten">} */
    async insert(fact) {
      if (await this.isForgotten(fact.order)) return "forgotten";
      const isNew = await store.put(`f/${segment(fact.order)}/${await sha256Hex(JSON.stringify(fact))}`, fact);
      // A repetition binds too: whoever stored the fact may have stopped there.
      const name = nameOf(fact);
      if (name) await store.put(name, fact.order);
      return isNew ? "new" : "known";
    },
    /** @param {string} order */
    facts: async (order) => read(await store.list(`f/${segment(order)}/`)),
    /** @param {string} kind @param {string} name @returns {Promise<string | undefined>} */
    find: async (kind, name) => (await store.get(nameKey(kind, name)))?.value,
    /** Every order with its facts. @param {(order: string, facts: Fact[]) => Promise<void>} visit */
    async each(visit) {
      /** @type {Map<string, string[]>} */
      const all = new Map();
      for (const key of await store.list("f/")) {
        const order = key.slice(0, key.lastIndexOf("/"));
        all.set(order, [...(all.get(order) ?? []), key]);
      }
      for (const keys of all.values()) {
        const facts = await read(keys);
        if (facts.length) await visit(facts[0].order, facts);
      }
    },
    /** @param {string} order */
    isForgotten: async (order) => (await store.get(`x/${await sha256Hex(order)}`)) !== null,
    /** @param {string} order @returns {Promise<Device[]>} */
    devices: async (order) => (await store.get(`d/${segment(order)}`))?.value ?? [],
    /** @param {string} order @param {(rows: Device[]) => Device[] | undefined} change */
    changeDevices: (order, change) => swap(`d/${segment(order)}`, (/** @type {Device[] | undefined} */ rows) => change(rows ?? [])),
  };
}
