// What readers ask: unlock, refresh, devices. Unknown and malformed codes, and codes with a wrong reference, make the store look up the same
// things and get the same bytes.

import { claimHash } from "../protocol.js";
import { isId, refuse, texts } from "./answer.js";
import { admit, clear, listed, touch } from "./devices.js";
import { entitlement, opens, stateOf } from "./entitlement.js";
import { base64, keyring, mint, readToken } from "./keys.js";

/** @typedef {import("./core.js").Shop} Shop */
/** @typedef {import("./entitlement.js").Entitlement} Entitlement */

/** What a state means for whoever asks to read. @type {Record<string, string>} */
const CLOSED = { pending: "pending", expired: "expired", refunded: "refunded", fraudulent: "refunded", revoked: "revoked" };
/** Looked up where there is no order, so that a miss costs what a hit costs. */
const NOBODYS = "nobody:0";

/** @param {Shop} shop @param {string} kind @param {string} digest @param {number} now */
async function lookUp({ books }, kind, digest, now) {
  const order = await books.find(kind, digest);
  return { order, given: entitlement(await books.facts(order ?? NOBODYS), now) };
}

/** @param {Shop} shop @param {string} code @param {string} reference @param {number} now */
async function claimed(shop, code, reference, now) {
  // What is no code becomes a hash that nobody has: it is looked up, and limited, like any other.
  const claim = await claimHash(code, shop.site).catch(() => shop.digest("token", code));
  shop.limit(claim, now);
  const { order, given } = await lookUp(shop, "claim", claim, now);
  const typed = await shop.reference(reference);
  const fits = order && (given.references.includes(typed) || (order.startsWith("manual:") && typed === (await shop.reference(order.slice(7)))));
  return order && fits ? { order, given, seat: 0 } : refuse("pending");
}

/** A licence key as the provider writes it, however it was typed. @param {string} typed */
function hyphenated(typed) {
  const parts = typed.trim().split(/[\s\-\u2010-\u2015\u2212\u00ad]+/).filter(Boolean);
  const [, ...five] = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(parts.join("")) ?? [];
  return (/^[0-9a-f]{32}$/i.test(parts.join("")) ? five : parts).join("-");
}

/** The seat of a licence key. One that was made anew is refused as the provider would. @param {Entitlement} given @param {string} digest */
export function seatOf({ licences }, digest) {
  const seat = licences.findIndex(({ key }) => key === digest);
  return seat < 0 ? refuse("unknown") : seat;
}

/** @param {Shop} shop @param {string} typed @param {number} now */
async function licensed(shop, typed, now) {
  let digest = await shop.licence(typed);
  shop.limit(digest, now);
  let { order, given } = await lookUp(shop, "licence", digest, now);
  const key = hyphenated(typed);
  if (!order && key !== typed.trim()) {
    digest = await shop.licence(key);
    shop.limit(digest, now);
    ({ order, given } = await lookUp(shop, "licence", digest, now));
  }
  return order && given.state !== "pending" ? { order, given, seat: seatOf(given, digest) } : shop.heal(key, digest, now);
}

/** @param {Shop} shop @param {string} order @param {number} seat @param {number} now */
async function token(shop, order, seat, now) {
  const id = shop.random();
  return { text: await mint(shop.siteKey, shop.site, id, order, seat, now), digest: await shop.digest("token", id) };
}

/** @param {import("./core.js").Course} course */
const open = (course) => ({ course: course.id, epoch: Math.max(...course.epochs) });

/**
 * An answer with the keyrings of the epochs that are served: the newest, and while keys rotate the one before. A request never names one.
 * @param {Shop} shop @param {string | undefined} token @param {string} order @param {number} seat @param {Entitlement} given @param {import("./core.js").Course | undefined} course
 */
async function opened(shop, token, order, seat, given, course) {
  const { display } = given;
  const rings = await Promise.all((course?.epochs ?? []).toSorted((a, b) => b - a)
    .map(async (epoch) => base64(await keyring(shop.siteKey, shop.site, /** @type {any} */ (course), epoch, order, seat, display))));
  const keys = course && { ...open(course), keyring: rings[0], former: rings[1] };
  shop.log("info", "opened", { order, seat, keys: !!keys });
  return { token, courses: opens(given, order, shop.catalog).map(open), display, ...keys };
}

/** @param {Shop} shop @param {any} asked @param {number} now */
export async function unlock(shop, asked, now) {
  const { claim, order: reference, licence, course, device } = texts(asked, { claim: 256, order: 256, licence: 256, course: 256, device: 64 });
  if ((claim === undefined) === (licence === undefined) || (course !== undefined && !isId(course))) refuse("malformed");
  const { order, given, seat } = claim !== undefined ? await claimed(shop, claim, reference ?? "", now) : await licensed(shop, licence ?? "", now);
  const closed = CLOSED[stateOf(given, seat)];
  if (closed) shop.log("info", "closed", { order, why: closed });
  if (closed) refuse(closed);
  const courses = opens(given, order, shop.catalog);
  if (!courses.length) {
    shop.log("warn", "a paid order of a product that no course lists any more", { order });
    refuse("unknown");
  }
  const { text, digest } = await token(shop, order, seat, now);
  const id = device ? await shop.digest("device", device) : digest;
  let wait = 0;
  await shop.books.changeDevices(order, (before) => {
    const { rows, ...rest } = admit(before, id, digest, now);
    ({ wait } = rest);
    return rows;
  });
  if (wait) shop.log("warn", "too many new devices", { order });
  if (wait) refuse("devices", wait);
  return opened(shop, text, order, seat, given, course === undefined ? courses[0] : courses.find(({ id }) => id === course));
}

/** Unreadable, foreign and old tokens are one answer, and none of them makes the store look for anything. @param {Shop} shop @param {string} text @param {number} now */
async function bearer(shop, text, now) {
  const found = (await readToken(shop.siteKey, shop.site, text, now).catch(() => null)) ?? refuse("token");
  shop.limit(await shop.digest("token", found.order), now);
  const [digest, facts] = [await shop.digest("token", found.id), await shop.books.facts(found.order)];
  // A good token of an order that the store does not know: the order was deleted, or the store was lost, which must not close anybody's course.
  if (!facts.length) refuse((await shop.books.isForgotten(found.order)) ? "revoked" : "unavailable");
  const given = entitlement(facts, now);
  const closed = CLOSED[stateOf(given, found.seat)];
  if (closed) refuse(closed === "pending" ? "unavailable" : closed);
  if (given.lock && found.issued <= given.lock.at && digest !== given.lock.keep) refuse("locked");
  return { ...found, digest, given };
}

/** @param {Shop} shop @param {any} asked @param {number} now */
export async function refresh(shop, asked, now) {
  const { token: text, course: id } = texts(asked, { token: Infinity, course: 256 });
  if (text === undefined || !isId(id)) refuse("malformed");
  const { order, seat, digest, issued, expires, given } = await bearer(shop, text ?? "", now);
  const course = opens(given, order, shop.catalog).find((course) => course.id === id) ?? refuse("course");
  const renewed = now > Math.floor((issued + expires) / 2) ? await token(shop, order, seat, now) : undefined;
  await shop.books.changeDevices(order, (rows) => touch(rows, digest, renewed?.digest ?? digest, now));
  return opened(shop, renewed?.text, order, seat, given, course);
}

/** @param {Shop} shop @param {any} asked @param {number} now */
export async function devices(shop, asked, now) {
  const { token: text } = texts(asked, { token: Infinity });
  const wish = asked.do === undefined ? "list" : asked.do;
  if (text === undefined || !["list", "clear", "lock"].includes(wish)) refuse("malformed");
  let { order, seat, digest } = await bearer(shop, text ?? "", now);
  let fresh;
  if (wish === "lock") {
    const { text, digest: keep } = await token(shop, order, seat, now);
    await shop.books.changeDevices(order, (rows) => touch(rows, digest, keep, now));
    if ((await shop.books.insert({ order, at: now, kind: "locked", keep })) === "forgotten") refuse("revoked");
    shop.log("info", "all other devices locked", { order });
    [digest, fresh] = [keep, text];
  }
  if (wish !== "list") await shop.books.changeDevices(order, (rows) => clear(rows, digest));
  return { devices: listed(await shop.books.devices(order), digest), token: fresh };
}
