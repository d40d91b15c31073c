// What the author is told of an order beside what it opens: money, dates, seats. Readers need none of it.

import { endOf, entitlement } from "./entitlement.js";

/** @typedef {import("./entitlement.js").Fact} Fact */
/**
 * @typedef {Omit<import("./entitlement.js").Entitlement, "because"> & {
 *   seats: number, expires_at?: number, paid_at: number, currency?: string, total?: number, refunded: number,
 * }} Account times in seconds since 1970, money in the smallest unit
 */

/** @param {Fact[]} facts @param {number} now @returns {Account} */
export function account(facts, now) {
  const { because: { shown, told, subscriptions, keys }, ...given } = entitlement(facts, now);
  const ends = subscriptions.length ? subscriptions.map(endOf) : keys.map(({ expires_at }) => expires_at);
  const money = shown.findLast(({ currency, total }) => currency && total !== undefined);
  const times = told.map(({ kind, paid_at, at }) => (kind === "order" ? paid_at : at)).filter((at) => at > 0);
  const counted = [...told, ...facts.filter(({ kind }) => kind === "subscription")];
  return {
    ...given,
    seats: Math.max(1, keys.length, ...counted.map(({ quantity, seats }) => quantity ?? seats)),
    expires_at: ends.length && !ends.includes(undefined) ? Math.max(...ends) : undefined,
    paid_at: times.length ? Math.min(...times) : 0,
    currency: money?.currency, total: money?.total,
    refunded: Math.max(0, ...shown.map(({ refunded }) => refunded)),
  };
}

/** The moment up to which an order was last open, or was known; undefined while it is open, and while nothing says that it was paid. @param {Fact[]} facts @param {number} now */
export function endedAt(facts, now) {
  const isOpen = (/** @type {Fact[]} */ some, /** @type {number} */ at) => entitlement(some, at).state === "active";
  // Nothing changes but when a fact comes true or a time runs out. A word of the author's may be dated behind the fact that it takes back.
  const ats = facts.map((one) => one.at);
  const turns = [now, ...facts.flatMap((one) => [one.expires_at, one.ends_at, one.renews_at])].filter((at) => at <= now);
  return /active|pending/.test(entitlement(facts, now).state) ? undefined
    : [...ats, ...turns].sort((a, b) => b - a).find((turn) => isOpen(facts.filter((one) => one.at < turn), turn - 1)) ?? Math.min(...ats);
}
