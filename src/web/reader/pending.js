// From Buy to the answer: addresses, claims that wait for an order, and how long to ask. Pure; the clock comes in.

/** @typedef {{ code: string, course: string, page: string, at: number, y: number, back?: boolean }} Claim one press of Buy; times in ms */
/** @typedef {{ order: string, at: number }} Return one return from a checkout */

const DAY = 864e5;

/**
 * The order reference in an address, and the address without it. A placeholder that the provider left unfilled is none.
 * @param {string} href
 */
export function takeOrder(href) {
  const url = new URL(href);
  const hash = new URLSearchParams(url.hash.slice(1));
  const order = url.searchParams.get("order") ?? hash.get("order");
  if (order === null) return { order: null, rest: href };
  url.searchParams.delete("order");
  if (hash.has("order")) url.hash = "";
  return { order: /^[\w.:-]{1,128}$/.test(order) ? order : null, rest: url.href };
}

/**
 * The checkout address with the claim's hash and what the page's own address says about discount and affiliate.
 * @param {string} checkout @param {string} hash @param {string} search the page's query
 */
export function checkoutUrl(checkout, hash, search) {
  const url = new URL(checkout);
  const own = new URLSearchParams(search);
  url.searchParams.set("checkout[custom][claim]", hash);
  for (const [from, to] of [["discount", "checkout[discount_code]"], ["aff", "aff"]]) {
    const value = own.get(from);
    if (value) url.searchParams.set(to, value);
  }
  return url.href;
}

/**
 * Which claim belongs to which order is not said, so newest pairs are tried first. Who pressed Buy and left has claims without an order.
 * @param {Claim[]} claims @param {Return[]} orders @param {number} now
 */
export function pairs(claims, orders, now) {
  const fresh = orders.filter((o) => now - o.at < 30 * DAY).sort((a, b) => b.at - a.at).slice(0, 2);
  const newest = [...claims].sort((a, b) => b.at - a.at).slice(0, 3);
  return fresh.flatMap(({ order }) => newest.map((claim) => ({ claim, order })));
}

/**
 * Asks at once, then after 2 s rising to 30 s, for 4 minutes: providers repeat a lost webhook for up to 155 s.
 * @template {{ kind: string, retryAfter?: number }} A
 * @param {() => Promise<A>} once @param {(ms: number) => Promise<unknown>} wait @param {() => number} now
 * @returns {Promise<A>} the first definite answer, or the last one
 */
export async function ask(once, wait, now) {
  const end = now() + 240e3;
  for (let pause = 2e3; ; pause = Math.min(pause * 1.5, 30e3)) {
    const answer = await once();
    const next = Math.max(pause, Math.min(answer.retryAfter ?? 0, 30) * 1e3);
    if (!["pending", "wait", "down"].includes(answer.kind) || now() + next > end) return answer;
    await wait(next);
  }
}

/** Whether a keyring is to be asked about again. @param {{ checked: number }} ring @param {number} now */
export const due = (ring, now) => Math.abs(now - ring.checked) >= DAY;

/** The time of check to note when nobody answered: try again in an hour. @param {number} now */
export const soon = (now) => now - DAY + 36e5;
