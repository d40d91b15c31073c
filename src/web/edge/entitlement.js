// What an order gives: a pure function of the set of its facts and the time. Twin of src/store/entitlement.rs; both walk
// tests/vectors/entitlements.

import { hex, sha256, utf8 } from "../protocol.js";

/** @typedef {any} Fact its JSON form; see content/reference */
/** @typedef {"pending" | "active" | "expired" | "refunded" | "fraudulent" | "revoked"} State */
/**
 * @typedef {{
 *   state: State, seats: number, display: string, items: import("./lemon_squeezy.js").Item[], courses: string[], references: string[],
 *   licences: string[][], lock?: { at: number, keep: string }, expires_at?: number, paid_at: number, number?: string, currency?: string,
 *   total?: number, refunded: number,
 * }} Entitlement times in seconds since 1970, money in the smallest unit
 */

/** Members in the order in which they are written, so that equal facts are equal texts. */
const MEMBERS = ["order", "at", "kind", "updated", "licence", "invoice", "subscription", "key", "courses", "seats", "reason", "status", "store",
  "product", "variant", "quantity", "number", "reference", "claim", "initials", "currency", "total", "refunded", "paid_at", "billed_at",
  "renews_at", "ends_at", "pause", "mode", "resumes_at", "expires_at", "keep"];
/** Of two snapshots of one moment the more final one is the later. */
const RANKS = ["open", "paid", "refunded", "fraudulent", "inactive", "active", "expired", "disabled"];

/** @param {Fact} fact */
const written = (fact) => JSON.stringify(fact, MEMBERS);
/** A fact is the same fact if it says the same. @param {Fact} fact */
export const factId = async (fact) => hex(await sha256(utf8(written(fact))));

/** @template T @param {T} a @param {T} b */
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
/** @param {any[]} list */
const max = (list) => list.reduce((most, one) => (most === undefined || one > most ? one : most), undefined);

/** @param {Fact[]} facts @param {number} now @returns {Entitlement} */
export function entitlement(facts, now) {
  const all = [...new Map(facts.map((fact) => [written(fact), fact]))].map(([text, fact]) => ({ text, fact, time: fact.updated || fact.at * 1e6 }));
  all.sort((a, b) => a.time - b.time || RANKS.indexOf(a.fact.status) - RANKS.indexOf(b.fact.status) || order(a.text, b.text));
  const sorted = all.map(({ fact }) => fact);
  const of = (/** @type {string} */ kind) => sorted.filter((fact) => fact.kind === kind);
  const [shown, given] = [of("order").filter(({ status }) => status !== "open"), of("granted")];
  const told = sorted.filter((fact) => shown.includes(fact) || fact.kind === "granted");

  /** @type {Map<string, { keys: Set<string>, end?: number }>} */
  const licences = new Map();
  for (const { licence, key, expires_at: end } of of("licence")) {
    const keys = licences.get(licence)?.keys ?? new Set();
    licences.set(licence, { keys: keys.add(key), end });
  }
  const seats = [...licences].sort(([a], [b]) => a.length - b.length || order(a, b)).map(([, { keys }]) => [...keys].sort());
  const ends = [...licences.values()].map(({ end }) => end);
  const expires = ends.includes(undefined) ? undefined : max(ends);

  // The author's last word; of two in one second the one that closes.
  const word = max(sorted.filter(({ kind }) => kind === "revoked" || kind === "restored").map(({ at, kind }) => 2 * at + +(kind === "revoked")));
  const restored = word === undefined || word % 2 ? -1 : word / 2;
  const refunds = shown.filter(({ status, at }) => status !== "paid" && at > restored).map(({ status }) => status);

  /** @type {State} */
  const state = !told.length ? "pending" : word % 2 ? "revoked" : refunds.includes("fraudulent") ? "fraudulent"
    : refunds.length ? "refunded" : expires !== undefined && expires <= now ? "expired" : "active";

  const money = shown.filter(({ currency, total }) => currency && total !== undefined).at(-1);
  const number = shown.find((fact) => fact.number)?.number;
  const items = new Map(shown.map(({ store, product, variant }) => [[store, product, variant].join(), { store, product, variant }]));
  const times = told.map((fact) => (fact.kind === "order" ? fact.paid_at : fact.at)).filter((at) => at > 0);
  return {
    state, number,
    seats: Math.max(1, ...shown.map(({ quantity }) => quantity), ...given.map(({ seats }) => seats)),
    // The first name that was told stays, so that the line in a buyer's copy does not change under him.
    display: display(facts[0]?.order, number, told.find(({ initials }) => initials)?.initials),
    items: [...items.values()].sort((a, b) => a.store - b.store || a.product - b.product || (a.variant ?? -1) - (b.variant ?? -1)),
    courses: [...new Set(given.flatMap(({ courses }) => courses))].sort(),
    references: [...new Set(shown.flatMap(({ reference }) => reference ?? []))].sort(),
    licences: seats,
    lock: of("locked").map(({ at, keep }) => ({ at, keep })).sort((a, b) => a.at - b.at || order(a.keep, b.keep)).at(-1),
    expires_at: expires,
    paid_at: times.length ? Math.min(...times) : 0,
    currency: money?.currency, total: money?.total,
    refunded: Math.max(0, ...shown.map(({ refunded }) => refunded)),
  };
}

/** `order …0042, T. B.` @param {string | undefined} order @param {string} [number] @param {string} [initials] */
function display(order, number, initials) {
  if (!order) return "";
  const [what, last] = [order.startsWith("manual:") ? "copy" : "order", [...(number ?? order.slice(order.indexOf(":") + 1))].slice(-4).join("")];
  return `${what} …${last}` + (initials ? `, ${initials}` : "");
}

/** The courses that an order opens, in the catalog's order. @param {Entitlement} entitlement @param {string} order @param {import("./core.js").Catalog} catalog */
export const opens = ({ items, courses }, order, catalog) => catalog.courses.filter((course) => courses.includes(course.id) ||
  (course.products ?? []).some((product) => items.some((item) => sells(product, order.slice(0, order.indexOf(":")), item))));

/** A variant that the provider did not name fits. @param {import("./core.js").Product} product @param {string} provider @param {import("./lemon_squeezy.js").Item} item */
export const sells = (product, provider, item) => product.provider === provider && product.store === item.store && product.product === item.product &&
  (product.variant === undefined || item.variant === undefined || product.variant === item.variant);

/** The seat of a licence key; one that is not the order's has seat 0. @param {Entitlement} entitlement @param {string} key */
export const seatOf = ({ licences, seats }, key) => Math.max(0, Math.min(licences.findIndex((keys) => keys.includes(key)), seats - 1));

/** The moment up to which an order was last open; undefined while it is open, and for one that never was. @param {Fact[]} facts @param {number} now */
export function endedAt(facts, now) {
  const isOpen = (/** @type {Fact[]} */ some, /** @type {number} */ at) => entitlement(some, at).state === "active";
  if (isOpen(facts, now)) return undefined;
  let until = now;
  for (const turn of [...new Set(facts.map(({ at }) => Math.min(at, now)))].sort((a, b) => b - a)) {
    const known = facts.filter(({ at }) => at <= turn);
    let [open, closed] = [turn, Math.max(until - 1, turn)];
    if (turn < now && isOpen(known, closed)) return until;
    if (isOpen(known, turn)) {
      while (closed - open > 1) {
        const middle = Math.floor((open + closed) / 2);
        if (isOpen(known, middle)) open = middle;
        else closed = middle;
      }
      return closed;
    }
    until = turn;
  }
}
