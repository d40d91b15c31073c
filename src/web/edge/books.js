// Facts, names and devices in a store of keys and values. What is written once is never changed; what changes is compared and swapped.

import { hex, sha256, utf8 } from "../protocol.js";
import { factId } from "./entitlement.js";

/** @typedef {import("./entitlement.js").Fact} Fact */
/**
 * @typedef {{
 *   get(key: string): Promise<{ value: any, etag: string } | null>,
 *   put(key: string, value: unknown, etag?: string): Promise<boolean>,
 *   list(prefix: string): Promise<string[]>,
 * }} Store put writes if the key is new, or with an etag if it is unchanged since; false: somebody else was first. Keys stay below 600
 *   bytes of `[A-Za-z0-9_:/~-]`.
 */
/** @typedef {{ id: string | null, token: string, first: number, last: number }} Device id and token are digests; id null: cleared */

/** How often somebody else may be first. Each time one of them gets on, so that this is only a guard. */
const TRIES = 100;

/** @param {string} order */
const segment = (order) => order.replace(/[^\w:-]/gu, (c) => `~${c.codePointAt(0)?.toString(16)}~`);
/** @param {string} kind `claim` or `licence` @param {string} digest */
const nameKey = (kind, digest) => `n/${kind}/${digest}`;

/** The names that a fact binds: a claim only once it was paid. @param {Fact} fact @returns {[string, string][]} */
const names = ({ kind, status, claim, key }) =>
  kind === "licence" ? [["licence", key]] : claim && (kind === "granted" || status !== "open") ? [["claim", claim]] : [];

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
    /** Inserts a fact once and binds its names, each to the first order that brings it. @param {Fact} fact @returns {Promise<"new" | "known" | "forgotten">} */
    async insert(fact) {
      if (await this.isForgotten(fact.order)) return "forgotten";
      const isNew = await store.put(`f/${segment(fact.order)}/${await factId(fact)}`, fact);
      // A repetition binds too: whoever stored the fact may have stopped there.
      for (const [kind, digest] of names(fact)) await store.put(nameKey(kind, digest), fact.order);
      return isNew ? "new" : "known";
    },
    /** @param {string} order */
    facts: async (order) => read(await store.list(`f/${segment(order)}/`)),
    /** @param {string} kind @param {string} digest @returns {Promise<string | undefined>} */
    find: async (kind, digest) => (await store.get(nameKey(kind, digest)))?.value,
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
    isForgotten: async (order) => (await store.get(`x/${hex(await sha256(utf8("forgotten " + order)))}`)) !== null,
    /** @param {string} order @returns {Promise<Device[]>} */
    devices: async (order) => (await store.get(`d/${segment(order)}`))?.value ?? [],
    /** @param {string} order @param {(rows: Device[]) => Device[] | undefined} change */
    changeDevices: (order, change) => swap(`d/${segment(order)}`, (/** @type {Device[] | undefined} */ rows) => change(rows ?? [])),
  };
}
