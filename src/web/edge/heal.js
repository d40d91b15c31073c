// Calls to the provider. Lost webhooks: a licence key that we do not know is shown to it, and what it says becomes facts. Refunds: it leaves
// the order's licence keys on, and they are switched off there.

import { bytes, parse, refuse } from "./answer.js";
import { entitlement } from "./entitlement.js";
import { split } from "./keys.js";
import { PROVIDER, isKey, verdict } from "./lemon_squeezy.js";
import { take } from "./limits.js";
import { seatOf } from "./readers.js";

/** How long a provider's refusal is believed, in seconds. Short: it has called good keys unknown while it had trouble. */
const BELIEVE = 120;
/** How long a key is remembered as asked about, in seconds. */
const REMEMBER = 90;
/** Of the 60 calls a minute that the provider allows, counted in the store for all processes: two thirds for everybody, one for keys that are asked about again, which no number of guesses can touch. */
const BUDGET = "b/lemon_squeezy";
/** Of each part as much at once as then over a minute, so that no minute sees more than 60. */
const [OPEN, KEPT] = [20, 10];

/** @typedef {import("./core.js").Shop} Shop */

/** Only a verdict counts: a rate limit, an error page or silence changes nothing. @param {Shop} shop @param {string} key @param {string} digest @param {boolean} expected */
async function ask(shop, key, digest, expected) {
  const { books, fetch, note, now } = shop;
  const code = shop.codes(digest);
  const again = expected || (code.asked ?? 0) > now - REMEMBER;
  let may = false;
  await books.swap(BUDGET, (/** @type {any} */ { open, kept } = {}) => {
    open = take(now, OPEN, OPEN, open);
    if (open.wait && again) kept = take(now, KEPT, KEPT, kept);
    may = !open.wait || (again && !kept.wait);
    return may ? { open, kept } : undefined;
  });
  note.asked = may;
  if (!may) return void (code.asked = now);
  try {
    const answer = await fetch(`${shop.api}/v1/licenses/validate`, {
      method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams({ license_key: key }), redirect: "manual", signal: AbortSignal.timeout(8000),
    });
    note.provider = answer.status;
    if (answer.status === 429) await books.swap(BUDGET, () => ({ open: { level: 0, at: now }, kept: { level: 0, at: now } }));
    return verdict(answer.status, await bytes(answer, 65536), digest, now);
  } catch {
    note.provider = "silent";
  }
}

/** The order behind a key; `expected` is one of which the provider told us before, so that it is no guess. @param {Shop} shop @param {string} key @param {string} digest @param {boolean} expected @returns {Promise<import("./core.js").Found>} */
export async function heal(shop, key, digest, expected) {
  const { books, now } = shop;
  if (!isKey(key) || !shop.sold.some((one) => one.provider === PROVIDER)) refuse("unknown");
  const code = shop.codes(digest);
  if (code.refused && now < code.refused.until) refuse(code.refused.word);
  const found = (await ask(shop, key, digest, expected)) ?? refuse("unavailable");
  const word = shop.stranger(found.item, found.test) ? "unknown" : found.word;
  if (word !== "good") {
    code.refused = { word, until: now + BELIEVE };
    refuse(word);
  }
  const [{ order }] = found.facts;
  for (const fact of found.facts) if ((await books.insert(fact)) === "forgotten") refuse("revoked");
  shop.note.healed = true;
  const given = entitlement(await books.facts(order), now);
  return { order, given, seat: seatOf(given, digest) };
}

/** Switches off the licence keys of an order, where there is an API key; what fails here, `orders reconcile` does again. @param {Shop} shop @param {string} order */
export async function disable(shop, order) {
  const { fetch, apiKey } = shop;
  if (!apiKey) return;
  const id = split(order)[1];
  const type = "application/vnd.api+json";
  const call = async (/** @type {string} */ path, /** @type {object} */ more = {}) => {
    const answer = await fetch(`${shop.api}/v1/license-keys${path}`, { headers: { accept: type, "content-type": type, authorization: `Bearer ${apiKey}` }, signal: AbortSignal.timeout(8000), ...more });
    return answer.ok ? parse(await bytes(answer, 2 ** 20)) : refuse("unavailable");
  };
  const { data } = await call(`?filter[order_id]=${id}&page[size]=100`);
  // The list says whose they are: a filter that was not understood must not switch off a stranger's.
  const own = data.filter((/** @type {any} */ { attributes: { order_id, status } }) => String(order_id) === id && status !== "disabled");
  for (const { id } of own) await call("/" + id, { method: "PATCH", body: JSON.stringify({ data: { type: "license-keys", id, attributes: { disabled: true } } }) });
}
