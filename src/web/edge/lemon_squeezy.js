// Lemon Squeezy's webhooks and its licence API. Twin of src/pay/lemon_squeezy/: verified over the bytes as they came, and only then read.
// Types of members differ between its documents and real deliveries, so that they are read by their meaning.

import { join } from "../protocol.js";
import { parse, refuse } from "./answer.js";
import { WORDS } from "./entitlement.js";
import { unhex } from "./keys.js";

/** @typedef {{ store: number, product: number, variant?: number }} Item the provider's numbers */
/** @typedef {{ typed(label: string, text: string): Promise<string> }} Digests */
/**
 * @typedef {{ event: string, test: boolean, fact?: any, item?: Item }} Reading without a fact it is nothing to us; a payment of a
 *   subscription names neither order nor item
 */
/** @typedef {{ word: string, test?: boolean, item?: Item, facts: any[] }} Verdict good, or the word for the reader; with what a good key tells */

export const PROVIDER = "lemon_squeezy";
export const isKey = (/** @type {string} */ key) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key);

/** Signed, and no event. */
const malformed = () => refuse("malformed");

/** @param {any} value a whole number, or a text that is one */
const number = (value) => {
  const n = typeof value === "string" && /^[+-]?\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(n) ? n : undefined;
};
/** @param {any} value */
const maybeId = (value) => (number(value) >= 0 ? number(value) : undefined);
/** @param {any} value @returns {number} */
const id = (value) => maybeId(value) ?? malformed();
/** @param {any} value */
const idText = (value) => String(id(value));
/** @param {any} value */
const yes = (value) => [true, 1, "true", "1"].includes(value);
/** @param {any} value @returns {string | undefined} */
const text = (value) => (typeof value === "string" && join(value).length <= 256 ? value : undefined);
/** Microseconds since 1970 of a time with its zone. @param {any} value @returns {number | undefined} */
const micros = (value) => {
  const [, fraction = ""] = /T[\d:]+(?:\.(\d+))?(?:Z|[+-]\d\d:?\d\d)$/i.exec(text(value) ?? "") ?? [, "-"];
  const found = Math.floor(Date.parse(value) / 1000) * 1e6 + Number(fraction.padEnd(6, "0").slice(0, 6));
  return found >= 0 ? found : undefined;
};
/** Seconds since 1970. @param {any} value */
const time = (value) => {
  const found = micros(value);
  return found && Math.floor(found / 1e6);
};

/** @param {string} word */
const upper = (word) => ([...word.toUpperCase()].length === 1 ? word.toUpperCase() : word);

/** Of a name only the initials: of its first and its last word; or its first character, where names are written as one. @param {any} name */
export function initials(name) {
  const letters = String(name ?? "").split(/[\s.]+/).flatMap((word) => word.match(/\p{Alphabetic}/u) ?? []);
  if (!letters.length) return "";
  if (/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]/u.test(letters[0])) return letters[0];
  return [letters[0], ...letters.slice(1).slice(-1)].map((letter) => upper(letter) + ".").join(" ");
}

/** @param {any} value */
const orderOf = (value) => `${PROVIDER}:${idText(value)}`;
/** @param {any} is @param {any} of where the product stands @returns {Item} */
const itemOf = (is, of) => ({ store: id(is.store_id), product: id(of?.product_id), variant: maybeId(of?.variant_id) });
/** @param {any} item */
const quantity = (item) => Math.min(Math.max(number(item?.quantity) ?? 1, 1), 10000);

/** By amounts: after a partial refund `refunded` stays false and `status` may say `paid`; a full one is told in three ways. @param {any} is */
function paid(is) {
  const [total, refunded] = [number(is.total) ?? 0, number(is.refunded_amount) ?? 0];
  if (is.status === "fraudulent" || is.status === "refunded") return is.status;
  if (yes(is.refunded) || (total > 0 && refunded >= total)) return "refunded";
  return ["paid", "partial_refund", "partial_refunded"].includes(is.status) ? "paid" : "open";
}

/** @param {any} is @param {string} [status] */
function times(is, status = "paid") {
  const updated = micros(is.updated_at) ?? micros(is.created_at) ?? 0;
  const ended = status === "paid" || status === "open" ? undefined : time(is.refunded_at);
  return { at: ended ?? Math.floor(updated / 1e6), updated };
}

/** Of an event's name, what it is about. */
const EVENTS = /^(order|license_key|subscription(?:_payment)?)_(?:created|updated|refunded|cancelled|resumed|expired|paused|unpaused|success|failed|recovered)$/;

/** @type {Record<string, (data: any, is: any, custom: any, digests: Digests) => Promise<Partial<Reading>>>} */
const OBJECTS = {
  async order(data, is, custom, digests) {
    const [status, item, reference] = [paid(is), itemOf(is, is.first_order_item), text(is.identifier)];
    return { item, fact: {
      order: orderOf(data.id), ...times(is, status), kind: "order", status, ...item, quantity: quantity(is.first_order_item), number: maybeId(is.order_number)?.toString(),
      reference: reference && (await digests.typed("reference", reference)), initials: initials(is.user_name),
      currency: /^[A-Z]{3}$/.test(is.currency) ? is.currency : undefined, total: number(is.total) ?? 0, refunded: number(is.refunded_amount) ?? 0,
      paid_at: time(is.created_at) ?? 0, claim: unhex(custom?.claim) ? custom.claim : undefined,
    } };
  },
  async license_key(data, is, _, digests) {
    const [key, item] = [text(is.key) ?? malformed(), itemOf(is, is)];
    const status = yes(is.disabled) ? "disabled" : WORDS.includes(is.status) ? is.status : "active";
    return { item, fact: { order: orderOf(is.order_id), ...times(is), kind: "licence", licence: idText(data.id), key: await digests.typed("licence", key), status,
      expires_at: time(is.expires_at) } };
  },
  async subscription(data, is) {
    const { status, pause } = is;
    if (!WORDS.includes(status)) return {};
    const item = itemOf(is, is);
    return { item, fact: {
      order: orderOf(is.order_id), ...times(is), kind: "subscription", subscription: idText(data.id), status, ...item, quantity: quantity(is.first_subscription_item),
      renews_at: time(is.renews_at), ends_at: time(is.ends_at),
      pause: status === "paused" ? { mode: pause?.mode === "free" ? "free" : "void", resumes_at: time(pause?.resumes_at) } : undefined,
    } };
  },
  async subscription_payment(data, is) {
    const status = paid(is);
    const fact = { order: "", ...times(is, status), kind: "invoice", invoice: idText(data.id), subscription: idText(is.subscription_id), status, billed_at: time(is.created_at) ?? 0 };
    id(is.store_id);
    // That a payment failed, the subscription says too, as `past_due`.
    return status === "open" ? {} : { fact };
  },
};

/** @param {Uint8Array} body whose signature was verified @param {Digests} digests @returns {Promise<Reading>} */
export async function read(body, digests) {
  const { meta, data } = parse(body) ?? {};
  const name = meta?.event_name;
  if (typeof name !== "string") malformed();
  const event = name.replace(/[^!-~]/g, "").slice(0, 64);
  const is = data?.attributes ?? {};
  const kind = EVENTS.exec(name)?.[1];
  // Either place says so: a doubt is never real money.
  return { event, test: yes(meta.test_mode) || yes(is.test_mode), ...(kind && (await OBJECTS[kind](data ?? {}, is, meta.custom_data, digests))) };
}

/**
 * The meaning of an answer of the licence API; undefined where it is none, which says nothing about the key.
 * @param {number} status @param {Uint8Array} body @param {string} digest of the key @param {number} now @returns {Verdict | undefined}
 */
export function verdict(status, body, digest, now) {
  try {
    const { valid, error, license_key: is, meta } = parse(body);
    const word = valid ? "good" : is ? { expired: "expired", disabled: "revoked" }[/** @type {"expired"} */ (is.status)] : "unknown";
    // Without a key in it, only the plain refusal of an unknown one is a verdict.
    if (![200, 400, 404].includes(status) || typeof valid !== "boolean" || !word || (!is && (valid || typeof error !== "string"))) return;
    if (!is) return { word, facts: [] };
    const [order, item, at] = [orderOf(meta.order_id), itemOf(meta, meta), time(is.created_at) ?? 0];
    const facts = [
      { order, at, updated: at * 1e6, kind: "order", status: "paid", ...item, quantity: 1, initials: initials(meta.customer_name), refunded: 0, paid_at: at },
      { order, at: now, updated: now * 1e6, kind: "licence", licence: idText(is.id), key: digest, status: "active", expires_at: time(is.expires_at) },
    ];
    return { word, test: yes(is.test_mode), item, facts };
  } catch {}
}
