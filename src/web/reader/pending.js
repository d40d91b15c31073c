// From Buy to the answer: addresses, claims that wait for an order, how long to ask, and what an answer means. Pure; the clock comes in.

/** @typedef {import("./store.js").Claim} Claim @typedef {import("./store.js").Return} Return @typedef {import("./text.js").Word} Word */

const DAY = 864e5;

/**
 * The order reference in an address, and the address without it. A placeholder that the provider left unfilled is none.
 * @param {string} href
 */
export function takeOrder(href) {
  const url = new URL(href);
  const [, inHash] = url.hash.match(/^#order=(.*)/) ?? [];
  const order = url.searchParams.get("order") ?? inHash;
  if (order === undefined) return { rest: href };
  url.searchParams.delete("order");
  if (inHash !== undefined) url.hash = "";
  return { order: /^[\w.:-]{1,128}$/.test(order) ? order : undefined, rest: url.href };
}

/**
 * The checkout address with the claim's hash and what the page's own address says about discount and affiliate.
 * @param {string} checkout @param {string} hash @param {string} search the page's query
 */
export function checkoutUrl(checkout, hash, search) {
  const url = new URL(checkout);
  const own = new URLSearchParams(search);
  /** @param {string} name @param {string | null} value */
  const set = (name, value) => value && url.searchParams.set(name, value);
  set("checkout[custom][claim]", hash);
  set("checkout[discount_code]", own.get("discount"));
  set("aff", own.get("aff"));
  return url.href;
}

/**
 * Which claim belongs to which order is not said, so newest pairs are tried first. Who pressed Buy and left has claims without an order.
 * @param {{ claims: Claim[], orders: Return[] }} kept oldest first @param {number} now
 */
export const pairs = ({ claims, orders }, now) => orders.filter(({ at }) => now - at < 30 * DAY).slice(-2).reverse()
  .flatMap(({ order }) => claims.slice(-3).reverse().map(({ claim, course }) => ({ claim, order, course })));

/**
 * Asks at once, then after 2 s rising to 30 s, for 4 minutes: providers repeat a lost webhook for up to 155 s.
 * @template {{ word: string, retry?: number }} A
 * @param {() => Promise<A>} once @param {(ms: number) => Promise<unknown>} wait @param {() => number} now
 * @returns {Promise<A>} the first definite answer, or the last one
 */
export async function ask(once, wait, now) {
  const end = now() + 24e4;
  for (let pause = 2e3; ; pause = Math.min(pause * 1.5, 3e4)) {
    const answer = await once();
    const next = Math.max(pause, Math.min(answer.retry ?? 0, 30) * 1e3);
    if (!["pending", "wait", "down"].includes(answer.word) || now() + next > end) return answer;
    await wait(next);
  }
}

/** Whether a keyring is to be asked about again. @param {{ checked: number }} ring @param {number} now */
export const due = (ring, now) => Math.abs(now - ring.checked) >= DAY;

/** The time of check to note when nobody answered: try again in an hour. @param {number} now */
export const soon = (now) => now - DAY + 36e5;

/** The endpoint's own words, by status. */
const KNOWN = { 403: "refunded expired revoked locked course token", 404: "unknown", 429: "devices wait" };

/**
 * What an answer of the key endpoint means: a word for the reader, none if it is what was asked for.
 * @param {number} status @param {any} body parsed JSON, or null where it was none @returns {Word | ""}
 */
export function meaning(status, body) {
  const known = /** @type {Record<number, string>} */ (KNOWN)[status]?.split(" ") ?? [];
  if (known.includes(body?.error)) return body.error;
  if (status === 429) return "wait";
  return body && status === 200 ? "" : body && status === 202 ? "pending" : "down";
}

/** Only these take a keyring away: each is a clear word of the endpoint. @param {string} word */
export const closes = (word) => /^(refunded|expired|revoked|locked|course)$/.test(word);
