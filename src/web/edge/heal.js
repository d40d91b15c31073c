// Lost webhooks: a licence key that we do not know is shown to the provider, and what it says becomes facts.

import { bytes, refuse } from "./answer.js";
import { isKey, verdict } from "./lemon_squeezy.js";
import { entitlement } from "./entitlement.js";
import { take } from "./limits.js";
import { seatOf } from "./readers.js";

/** How long a provider's refusal is believed, in seconds. Short: it has called good keys unknown while it had trouble. */
const BELIEVE = 120;
const REFUSALS = 10000;
/** Of the 60 calls a minute that the provider allows: a third at once and two thirds over the minute. They are counted in the store, for all processes. */
const BUDGET = /** @type {const} */ ([20, 40]);
const BUDGET_KEY = "b/lemon_squeezy";

/** @param {import("./core.js").Shop} shop */
export function healer(shop) {
  /** @type {Map<string, { word: string, until: number }>} */
  const refusals = new Map();
  /** @param {string} digest @param {string} word @param {number} now @returns {never} */
  const refused = (digest, word, now) => {
    if (refusals.size >= REFUSALS) for (const [key, { until }] of refusals) if (until <= now) refusals.delete(key);
    if (refusals.size < REFUSALS) refusals.set(digest, { word, until: now + BELIEVE });
    return refuse(word);
  };

  /** Only a verdict counts: a rate limit, an error page or silence is 503 and changes nothing. @param {string} key @param {number} now */
  async function ask(key, now) {
    let wait = 0;
    await shop.books.swap(BUDGET_KEY, (/** @type {any} */ level) => {
      const next = take(level, ...BUDGET, now);
      wait = next.wait;
      return wait ? undefined : { level: next.level, at: now };
    });
    if (wait) return shop.log("warn", "the provider's calls of this minute are used up");
    try {
      const answer = await shop.fetch(`${shop.api}/v1/licenses/validate`, {
        method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams({ license_key: key }), redirect: "manual",
        signal: AbortSignal.timeout(8000),
      });
      const found = verdict(answer.status, await bytes(answer, 65536));
      if (!found) shop.log("warn", "the provider gave no verdict", { status: answer.status });
      if (answer.status === 429) await shop.books.swap(BUDGET_KEY, () => ({ level: 0, at: now }));
      return found;
    } catch {
      shop.log("warn", "no answer from the provider");
    }
  }

  /** The order behind a key. @param {string} key @param {string} digest @param {number} now */
  return async (key, digest, now) => {
    if (!isKey(key) || !shop.isSold()) refuse("unknown");
    const known = refusals.get(digest);
    if (known && now < known.until) refuse(known.word);
    const found = (await ask(key, now)) ?? refuse("unavailable");
    if (found.word === "unknown" || !found.item || !found.order || shop.stranger(found.item, !!found.test)) return refused(digest, "unknown", now);
    if (found.word !== "good") return refused(digest, found.word === "expired" ? "expired" : "revoked", now);
    const { order, created: at = 0, item, initials } = found;
    const facts = [
      { order, at, kind: "order", updated: at * 1e6, status: "paid", ...item, quantity: 1, initials, refunded: 0, paid_at: at },
      { order, at: now, kind: "licence", updated: now * 1e6, licence: found.licence.licence, key: digest, status: "active", expires_at: found.licence.expires_at },
    ];
    for (const fact of facts) if ((await shop.books.insert(fact)) === "forgotten") refuse("revoked");
    shop.log("info", "healed by the provider's licence API", { order });
    const given = entitlement(await shop.books.facts(order), now);
    return { order, given, seat: seatOf(given, digest) };
  };
}
