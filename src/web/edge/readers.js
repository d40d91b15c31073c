// What readers ask: unlock, refresh, devices. Unknown and malformed codes, and codes with a wrong reference, make the store look up the same
// things and get the same bytes.

import { claimHash } from "../protocol.js";
import { id, refuse, text } from "./answer.js";
import { admit, clear, listed, touch } from "./devices.js";
import { entitlement, isClosedByKey, opens, stateOf } from "./entitlement.js";
import { heal } from "./heal.js";
import { base64, keyring, mint, readToken, split } from "./keys.js";
import { isKey } from "./lemon_squeezy.js";
import { limit } from "./limits.js";

/** @typedef {import("./core.js").Shop} Shop */
/** @typedef {import("./core.js").Found} Found */

/** @param {Shop} shop @param {string} kind @param {string} digest @returns {Promise<Found | undefined>} */
async function lookUp(shop, kind, digest) {
  const { books, now } = shop;
  limit(now, shop.codes(digest));
  // All strangers together. Who holds a good token is none, and junk that costs no look-up takes nothing from others.
  limit(now, shop.everybody, 600, 6000);
  const order = await books.find(kind, digest);
  // Where there is no order nobody's is looked up, so that a miss costs what a hit costs.
  const given = entitlement(await books.facts(order ?? "nobody:0"), now);
  return order ? { order, given, seat: 0 } : undefined;
}

/** @param {Shop} shop @param {string} code @param {string} reference */
async function claimed(shop, code, reference) {
  // What is no code becomes a hash that nobody has: it is looked up, and limited, like any other.
  const found = await lookUp(shop, "claim", await claimHash(code, shop.site).catch(() => shop.digest("token", code)));
  const typed = await shop.typed("reference", reference);
  // An order that the author made has a random id, which is its reference.
  const [provider, own] = split(found?.order ?? "");
  return found && ((provider === "manual" && typed === (await shop.typed("reference", own))) || found.given.references.includes(typed)) ? found : refuse("pending");
}

/** A licence key as the provider writes it, however it was typed. @param {string} typed */
function hyphenated(typed) {
  const parts = typed.split(/[\s\-\u2010-\u2015\u2212\u00ad]+/).filter(Boolean);
  const key = parts.join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  return isKey(key) ? key : parts.join("-");
}

/** The seat of a licence key. One that was made anew is refused as the provider would. @param {import("./entitlement.js").Entitlement} given @param {string} digest */
export function seatOf({ licences }, digest) {
  const seat = licences.findIndex((one) => one.key === digest);
  return seat < 0 ? refuse("unknown") : seat;
}

/** @param {Shop} shop @param {string} typed */
async function licensed(shop, typed) {
  const key = hyphenated(typed);
  let digest = await shop.typed("licence", typed);
  let found = await lookUp(shop, "licence", digest);
  if (!found && key !== typed.trim()) found = await lookUp(shop, "licence", (digest = await shop.typed("licence", key)));
  if (!found || found.given.state === "pending") return heal(shop, key, digest, !!found);
  const known = { ...found, seat: seatOf(found.given, digest) };
  // The word that a key was renewed, or switched on again, may be lost. Without a better one the last one counts.
  return isClosedByKey(known.given, known.seat) ? heal(shop, key, digest, true).catch(() => known) : known;
}

/** @param {Shop} shop @param {Found} found @param {string} [unpaid] the word for an order that nothing says was paid */
function mustBeOpen(shop, { order, given, seat }, unpaid = "pending") {
  const state = stateOf(given, seat);
  Object.assign(shop.note, { order, seat, state });
  if (state !== "active") refuse(state === "pending" ? unpaid : state === "fraudulent" ? "refunded" : state);
}

/** @param {Shop} shop @param {Found} found */
async function token(shop, { order, seat }) {
  const own = crypto.getRandomValues(new Uint8Array(16));
  return { text: await mint(shop.tokenKey, shop.site, own, order, seat, shop.now), digest: await shop.digest("token", own) };
}

/** @param {import("./core.js").Course} course */
const open = ({ id: course, epochs }) => ({ course, epoch: Math.max(...epochs) });

/**
 * An answer with the keyrings of the epochs that are served: the newest, and while keys rotate the one before. A request never names one.
 * @param {Shop} shop @param {string | undefined} token @param {Found} found @param {import("./core.js").Course | undefined} course
 */
async function opened(shop, token, { order, given, seat }, course) {
  const { display } = given;
  const epochs = course?.epochs.toSorted((a, b) => b - a) ?? [];
  const [ring, former] = await Promise.all(epochs.map(async (epoch) => base64(await keyring(shop.siteKey, shop.site, /** @type {any} */ (course), epoch, order, seat, display, shop.drawn))));
  return { token, courses: opens(given, order, shop.catalog).map(open), display, ...(course && { ...open(course), keyring: ring, former }) };
}

/** @param {Shop} shop @param {any} asked */
export async function unlock(shop, asked) {
  const [claim, reference = "", licence, device] = [text(asked.claim), text(asked.order), text(asked.licence), text(asked.device, 64)];
  const course = asked.course == null ? undefined : id(asked.course);
  if ((claim === undefined) === (licence === undefined)) refuse("malformed");
  const found = claim !== undefined ? await claimed(shop, claim, reference) : await licensed(shop, licence ?? "");
  mustBeOpen(shop, found);
  const courses = opens(found.given, found.order, shop.catalog);
  if (!courses.length) refuse("unknown");
  const fresh = await token(shop, found);
  const own = device ? await shop.digest("device", device) : fresh.digest;
  await shop.books.changeDevices(found.order, found.seat, (rows) => admit(rows, own, fresh.digest, shop.now));
  return opened(shop, fresh.text, found, course ? courses.find((one) => one.id === course) : courses[0]);
}

/** Unreadable, foreign and old tokens are one answer, and none of them makes the store look for anything. @param {Shop} shop @param {any} asked */
async function bearer(shop, asked) {
  const { books, now } = shop;
  const typed = text(asked.token, Infinity) ?? refuse("malformed");
  const read = (await readToken(shop.tokenKey, shop.site, typed, now).catch(() => null)) ?? refuse("token");
  limit(now, shop.codes(await shop.digest("token", `${read.order} ${read.seat}`)));
  const [digest, facts] = [await shop.digest("token", read.id), await books.facts(read.order)];
  // A good token of an order that the store does not know: the order was deleted, or the store was lost, which must not close anybody's course.
  if (!facts.length && (await books.isForgotten(read.order))) refuse("revoked");
  const found = { ...read, digest, given: entitlement(facts, now) };
  mustBeOpen(shop, found, "unavailable");
  const lock = found.given.locks.find(({ seat }) => seat === read.seat);
  return lock && read.issued <= lock.at && digest !== lock.keep ? refuse("locked") : found;
}

/** @param {Shop} shop @param {any} asked */
export async function refresh(shop, asked) {
  const wanted = id(asked.course);
  const found = await bearer(shop, asked);
  const course = opens(found.given, found.order, shop.catalog).find((one) => one.id === wanted) ?? refuse("course");
  const renewed = shop.now > Math.floor((found.issued + found.expires) / 2) ? await token(shop, found) : undefined;
  await shop.books.changeDevices(found.order, found.seat, (rows) => touch(rows, found.digest, renewed?.digest ?? found.digest, shop.now));
  return opened(shop, renewed?.text, found, course);
}

/** @param {Shop} shop @param {any} asked */
export async function devices(shop, asked) {
  const { books, now } = shop;
  const { do: wish = "list" } = asked;
  if (!["list", "clear", "lock"].includes(wish)) refuse("malformed");
  const found = await bearer(shop, asked);
  const fresh = wish === "lock" ? await token(shop, found) : undefined;
  const keep = fresh?.digest ?? found.digest;
  if (fresh && (await books.insert({ order: found.order, at: now, kind: "locked", keep, seat: found.seat || undefined })) === "forgotten") refuse("revoked");
  const rows = await books.changeDevices(found.order, found.seat, (rows) => (wish === "list" ? undefined : clear(touch(rows, found.digest, keep, now), keep)));
  return { devices: listed(rows, keep), token: fresh?.text };
}
