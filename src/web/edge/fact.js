// What an author tells as a fact, read: known members of known kinds, each of its type and within its bounds. Twin of store::Fact and its
// `is_sound`. Webhooks need none of it, for they are read into facts.

import { id, refuse, text } from "./answer.js";
import { unhex } from "./keys.js";

/** @typedef {(value: any) => boolean} Fits */

/** Most copies of one order. */
const COPIES = 10000;

/** @type {Fits} */
const whole = (value) => Number.isSafeInteger(value) && value >= 0;
/** @type {Fits} */
const count = (value) => whole(value) && value > 0 && value <= COPIES;
/** @type {Fits} */
const digest = (value) => unhex(value) !== null;
/** @type {Fits} */
const words = (value) => typeof value === "string" && text(value, 128) !== "";
/** @type {Fits} */
const line = (value) => typeof value === "string" && [...value].length <= 16 && !/\p{Cc}/u.test(value);
/** @param {string} names @returns {Fits} */
const oneOf = (names) => (value) => names.split(" ").includes(value);
/** @type {Fits} */
const courses = (value) => Array.isArray(value) && value.every((one) => typeof one === "string" && one !== "" && id(one));
/** @type {Fits} */
const pause = (value) => ["void", "free"].includes(value.mode) && (value.resumes_at ?? 0) === (whole(value.resumes_at) ? value.resumes_at : 0);

const ITEM = { store: whole, product: whole, "variant?": whole };
const PAID = oneOf("open paid refunded fraudulent");

/** Kinds of facts and what their members must be; those with a question mark may be left out. @type {Record<string, Record<string, Fits>>} */
const KINDS = {
  order: {
    "updated?": whole, status: PAID, ...ITEM, quantity: count, "number?": words, "reference?": digest, "claim?": digest, "initials?": line, "currency?": words,
    "total?": Number.isSafeInteger, "refunded?": Number.isSafeInteger, "paid_at?": whole,
  },
  licence: { "updated?": whole, licence: words, key: digest, "status?": oneOf("inactive active expired disabled"), "expires_at?": whole },
  subscription: {
    "updated?": whole, subscription: words, status: oneOf("on_trial active past_due paused unpaid cancelled expired"), ...ITEM, quantity: count, "renews_at?": whole,
    "ends_at?": whole, "pause?": pause,
  },
  invoice: { "updated?": whole, invoice: words, subscription: words, status: PAID, "billed_at?": whole },
  granted: { courses, seats: count, reason: oneOf("gift review bank_transfer"), "initials?": line, "claim?": digest },
  revoked: {}, restored: {}, locked: { keep: digest, "seat?": whole },
};

/** `PROVIDER:ID` @param {any} value @returns {string} */
export const orderRef = (value) => (/^[\da-z_-]{1,32}:./s.test(text(value) ?? "") ? id(value.replace(/.*?:/, "")) && value : refuse("malformed"));

/** @param {any} told @returns {import("./entitlement.js").Fact} */
export function fact(told) {
  const { order, at, kind } = told ?? {};
  /** @type {Record<string, any>} */
  const kept = { order: orderRef(order), at: whole(at) ? at : refuse("malformed"), kind };
  for (const [name, fits] of Object.entries(Object.hasOwn(KINDS, kind) ? KINDS[kind] : refuse("malformed"))) {
    const member = name.replace("?", "");
    const value = told[member] ?? undefined;
    if (value === undefined ? member === name : !fits(value)) refuse("malformed");
    if (value !== undefined) kept[member] = value;
  }
  return kept;
}
