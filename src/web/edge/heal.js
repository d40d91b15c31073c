// Lost webhooks: a licence key that we do not know is shown to the provider, and what it says becomes facts.

import { bytes, refuse } from "./answer.js";
import { entitlement } from "./entitlement.js";
import { PROVIDER, isKey, verdict } from "./lemon_squeezy.js";
import { take } from "./limits.js";
import { seatOf } from "./readers.js";

/** How long a provider's refusal is believed, in seconds. Short: it has called good keys unknown while it had trouble. */
const BELIEVE = 120;
/** Of the 60 calls a minute that the provider allows: a third at once and two thirds over the minute. They are counted in the store, for all processes. */
const BUDGET = "b/lemon_squeezy";

/** @typedef {import("./core.js").Shop} Shop */

/** Only a verdict counts: a rate limit, an error page or silence changes nothing. @param {Shop} shop @param {string} key */
async function ask({ books, fetch, api, note, now }, key) {
  /** @type {import("./limits.js").Level | undefined} */
  let level;
  await books.swap(BUDGET, (/** @type {any} */ before) => ((level = take(before, 20, 40, now)), level.wait ? undefined : level));
  note.budget = level?.level;
  if (level?.wait) return;
  try {
    const answer = await fetch(`${api}/v1/licenses/validate`, {
      method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams({ license_key: key }), redirect: "manual", signal: AbortSignal.timeout(8000),
    });
    note.provider = answer.status;
    if (answer.status === 429) await books.swap(BUDGET, () => ({ level: 0, at: now }));
    return verdict(answer.status, await bytes(answer, 65536));
  } catch {
    note.provider = "silent";
  }
}

/** The order behind a key. @param {Shop} shop @param {string} key @param {string} digest @returns {Promise<import("./core.js").Found>} */
export async function heal(shop, key, digest) {
  const { books, refused, now, note } = shop;
  if (!isKey(key) || !shop.sold.some(({ provider }) => provider === PROVIDER)) refuse("unknown");
  const known = refused.get(digest);
  if (known && now < known.until) refuse(known.word);
  const found = (await ask(shop, key)) ?? refuse("unavailable");
  const word = found.word === "unknown" || shop.stranger(found.item, found.test) ? "unknown" : found.word;
  if (word !== "good") refused.set(digest, { word, until: now + BELIEVE });
  if (word !== "good") refuse(word);
  const facts = found.facts(digest, now);
  const [{ order }] = facts;
  for (const fact of facts) if ((await books.insert(fact)) === "forgotten") refuse("revoked");
  note.healed = true;
  const given = entitlement(await books.facts(order), now);
  return { order, given, seat: seatOf(given, digest) };
}
