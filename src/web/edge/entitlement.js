// What an order gives: a pure function of the set of its facts and the time. Twin of src/store/{entitlement,judge,lapse}.rs; both walk
// tests/vectors/entitlements, and what the words mean is written at `Entitlement::of`.

import { split } from "./keys.js";

/** @typedef {any} Fact its JSON form, members in their order */
/** @typedef {"pending" | "active" | "expired" | "refunded" | "fraudulent" | "revoked"} State */
/**
 * @typedef {{
 *   state: State, display: string, items: import("./lemon_squeezy.js").Item[], courses: string[], references: string[], number?: string,
 *   licences: { key: string, state: State }[], locks: { seat: number, at: number, keep: string }[],
 *   because: { shown: Fact[], told: Fact[], subscriptions: Fact[], keys: Fact[] },
 * }} Entitlement licences and locks by seat, times in seconds since 1970; with the last word on each thing that it follows from, for `account`
 */

/** From open to closed. @type {State[]} */
const STATES = ["pending", "active", "expired", "refunded", "fraudulent", "revoked"];
/** Of two words of one moment the more final one is the later. */
export const WORDS = ["open", "paid", "refunded", "fraudulent", "on_trial", "inactive", "active", "past_due", "paused", "unpaid", "cancelled", "expired", "disabled"];

/** Compares lists, entry by entry. @param {any[]} a @param {any[]} b */
const compare = (a, b) => {
  const at = a.findIndex((one, i) => one !== b[i]);
  return at < 0 ? 0 : a[at] < b[at] ? -1 : 1;
};
/** @template T @param {T[]} list @param {(one: T) => any[]} by */
const sorted = (list, by) => list.toSorted((a, b) => compare(by(a), by(b)));
/** The provider's ids are numbers that grow. @param {string} id */
const asNumber = (id) => [id.length, id];
/** Without repetitions. @template T @param {T[]} list */
const set = (list) => [...new Set(list)].sort();
/** The best of the worst. @param {State[]} states */
const best = (states) => Math.min(...states.map((state) => STATES.indexOf(state)));

/** The end of what was paid, once a subscription is not renewed any more. @param {Fact} told */
export const endOf = ({ status, ends_at, renews_at }) => (status === "cancelled" || status === "expired" ? ends_at ?? renews_at : undefined);
/** That a renewal is overdue closes nothing: the provider will say so. @param {Fact} told @param {number} now */
const isRunning = (told, now) => ["on_trial", "active", "past_due"].includes(told.status) ||
  (told.status === "paused" && (told.pause?.mode === "free" || told.pause?.resumes_at <= now)) ||
  (told.status === "cancelled" && !(endOf(told) <= now));

/** @param {Fact[]} facts @param {number} now @returns {Entitlement} */
export function entitlement(facts, now) {
  const all = sorted(facts, (fact) => [fact.updated || fact.at * 1e6, WORDS.indexOf(fact.status), JSON.stringify(fact)]);
  const of = (/** @type {string} */ kind) => all.filter((fact) => fact.kind === kind);
  const shown = of("order").filter((one) => one.status !== "open");
  const given = of("granted");
  const told = all.filter((fact) => [...given, ...shown].includes(fact));

  // The author's last word; of two in one second the one that closes.
  const word = sorted([...of("restored"), ...of("revoked")], (one) => [one.at, one.kind]).at(-1);
  const isUndone = (/** @type {number} */ at) => word?.kind === "restored" && at <= word.at;

  /** @type {Map<string, Fact>} */
  const keys = new Map();
  for (const fact of of("licence")) {
    keys.set(fact.licence, { ...fact, since: fact.status === "disabled" ? keys.get(fact.licence)?.since ?? fact.at : undefined });
  }
  const subscriptions = [...new Map(of("subscription").map((fact) => [fact.subscription, fact])).values()];
  const licences = sorted([...keys.values()], (one) => asNumber(one.licence)).map((one) => ({
    key: one.key,
    /** @type {State} */
    state: one.since !== undefined && !isUndone(one.since) ? "revoked"
      // Keys of a subscription end with it, and not by themselves.
      : !subscriptions.length && (one.status === "expired" || one.expires_at <= now) ? "expired" : "active",
  }));

  /** @param {Fact} told @returns {State} */
  const subscribed = (told) => {
    if (!isRunning(told, now)) return "expired";
    const place = (/** @type {Fact} */ one) => [one.billed_at ?? 0, ...asNumber(one.invoice)];
    const payments = sorted(of("invoice").filter((one) => one.subscription === told.subscription), place);
    const newest = payments.filter((one) => !compare(place(one), place(payments.at(-1))) && one.status !== "paid");
    return newest.length && !isUndone(Math.max(...newest.map((one) => one.at))) ? "refunded" : "active";
  };
  const refunds = shown.filter((one) => one.status !== "paid" && !isUndone(one.at)).map((one) => one.status);
  /** @type {State} */
  const state = !told.length && !subscriptions.length ? "pending" : word?.kind === "revoked" ? "revoked" : refunds.includes("fraudulent") ? "fraudulent"
    // The best of the subscriptions counts, and so does the best of the keys; but each must let pass.
    : refunds[0] ?? STATES[Math.max(1, ...[subscriptions.map(subscribed), licences.map((one) => one.state)].filter((one) => one.length).map(best))];

  const number = shown.find((fact) => fact.number)?.number;
  const items = new Map((subscriptions.length ? subscriptions : shown).map(({ store, product, variant }) => [[store, product, variant].join(), { store, product, variant }]));
  return {
    state, number, licences,
    // The first name that was told stays, so that the line in a buyer's copy does not change under him.
    display: display(facts[0]?.order, number, told.find((one) => one.initials)?.initials),
    items: sorted([...items.values()], ({ store, product, variant }) => [store, product, variant ?? -1]),
    courses: set(given.flatMap((one) => one.courses)),
    references: set(shown.flatMap((one) => one.reference ?? [])),
    // The last one of each copy.
    locks: [...new Map(sorted(of("locked").map(({ seat = 0, at, keep }) => ({ seat, at, keep })), Object.values).map((lock) => [lock.seat, lock])).values()],
    because: { shown, told, subscriptions, keys: [...keys.values()] },
  };
}

/** `order …0042, T. B.` @param {string | undefined} order @param {string} [number] @param {string} [initials] */
function display(order, number, initials) {
  if (!order) return "";
  const last = [...(number ?? split(order)[1])].slice(-4).join("");
  return `${order.startsWith("manual:") ? "copy" : "order"} …${last}` + (initials ? `, ${initials}` : "");
}

/** The courses that an order opens, in the catalog's order. @param {Pick<Entitlement, "items" | "courses">} given @param {string} order @param {import("./core.js").Catalog} catalog */
export const opens = ({ items, courses }, order, catalog) => catalog.courses.filter(({ id, products }) => courses.includes(id) ||
  products?.some((product) => items.some((item) => sells(product, split(order)[0], item))));

/** A variant that the provider did not name fits. @param {import("./core.js").Product} product @param {string} provider @param {import("./lemon_squeezy.js").Item} item */
export const sells = (product, provider, item) => product.provider === provider && product.store === item.store && product.product === item.product &&
  (product.variant ?? item.variant) === (item.variant ?? product.variant);

/** The order's state, and where that is active, the state of the copy's licence key. @param {Entitlement} given @param {number} seat */
export const stateOf = ({ state, licences }, seat) => (state === "active" ? licences[seat]?.state ?? state : state);

/** True if a copy is closed by its licence key, and a later word about that could open it. @param {Entitlement} given @param {number} seat */
export const isClosedByKey = ({ state, licences }, seat) => licences[seat]?.state !== "active" && ["active", "expired", "revoked"].includes(state);
