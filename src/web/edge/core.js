// The key endpoint: from a Request to a Response, wherever it runs. Twin of src/keyserver/, and the same to every client.

import { derive, hex, join, sha256, utf8 } from "../protocol.js";
import { Refusal, bytes, json, refuse } from "./answer.js";
import { books } from "./books.js";
import { SPAN } from "./devices.js";
import { endedAt, entitlement, opens, sells } from "./entitlement.js";
import { healer } from "./heal.js";
import { hmac, parseSiteKey } from "./keys.js";
import { API, Malformed, PROVIDER, parse, read, verify } from "./lemon_squeezy.js";
import { buckets, take } from "./limits.js";
import { devices, refresh, unlock } from "./readers.js";

export const VERSION = "0.1.0";

/** @typedef {{ provider: string, store: number, product: number, variant?: number }} Product */
/** @typedef {{ id: string, epochs: number[], params: string, products?: Product[] }} Course */
/** @typedef {{ site: string, origin: string, endpoint: string | null, courses: Course[] }} Catalog what the build writes as catalog.json */
/** @typedef {(level: "info" | "warn" | "error", message: string, fields?: object) => void} Log never given a code, key, token, body or address */
/**
 * @typedef {{
 *   catalog: Catalog, siteKey: string, secrets?: string[], adminToken?: string, mode?: "live" | "test", store: import("./books.js").Store,
 *   now?: () => number, random?: () => Uint8Array, fetch?: typeof globalThis.fetch, api?: string, log?: Log,
 * }} Settings secrets are the webhook's, the current one and the previous one; now is seconds since 1970; random is 16 bytes
 */
/**
 * @typedef {Required<Omit<Settings, "store" | "mode" | "siteKey">> & {
 *   site: string, books: ReturnType<typeof books>, siteKey: Uint8Array, heal: (key: string, digest: string, now: number) => Promise<Found>,
 *   digest(label: string, of: string | Uint8Array): Promise<string>, licence(typed: string): Promise<string>, reference(typed: string): Promise<string>,
 *   isSold(): boolean, stranger(item: import("./lemon_squeezy.js").Item | undefined, test: boolean): string, limit(what: string, now: number): void,
 * }} Shop what the handlers work with
 */
/** @typedef {{ order: string, given: import("./entitlement.js").Entitlement, seat: number }} Found */

const WEBHOOK_MAX = 256 * 1024;
const CALL_MAX = 16 * 1024;
const CALLS = { unlock, refresh, devices };

/** @param {Required<Settings>} settings @returns {Promise<Shop>} */
async function open({ catalog, siteKey: typed, store, mode, ...rest }) {
  const siteKey = await parseSiteKey(typed);
  const storeKey = await derive(siteKey, "store", catalog.site);
  const each = buckets(40, 60);
  /** Keyed hashes of everything that would open something. @param {string} label @param {string | Uint8Array} of */
  const digest = async (label, of) => hex(await hmac(storeKey, join(utf8(label + "\0"), typeof of === "string" ? utf8(of) : of)));
  const typedDigest = (/** @type {string} */ label) => (/** @type {string} */ typed) =>
    digest(label, typed.trim().replace(/[A-Z]/g, (c) => c.toLowerCase()));
  const sold = catalog.courses.flatMap(({ products = [] }) => products);
  /** @type {Shop} */
  const shop = {
    ...rest, catalog, site: catalog.site, siteKey, books: books(store), digest, licence: typedDigest("licence"), reference: typedDigest("reference"),
    isSold: () => sold.some(({ provider }) => provider === PROVIDER),
    /** Why an item is nothing to us. */
    stranger: (item, test) => test !== (mode === "test") ? "the other mode" : !item || sold.some((product) => sells(product, PROVIDER, item)) ? "" : "not sold here",
    limit(what, now) {
      const wait = each(what, now);
      if (wait) refuse("wait", wait);
    },
    heal: (...asked) => heal(...asked),
  };
  const heal = healer(shop);
  return shop;
}

/** @param {Shop} shop @param {Request} request @param {string} provider */
async function webhook(shop, request, provider) {
  if (provider !== PROVIDER || !shop.secrets.length) refuse("unknown");
  const body = await bytes(request, WEBHOOK_MAX);
  if (!(await verify(shop.secrets, body, request.headers.get("x-signature")))) refuse("signature");
  const { event, test, fact, item } = await read(body, shop);
  // Subscriptions come before their payments: one that we do not know is of a product that we do not sell.
  if (fact && !item) fact.order = await shop.books.find("subscription", fact.subscription);
  const why = !fact?.order ? "of no interest" : shop.stranger(item, test);
  const outcome = why ? "forgotten" : await shop.books.insert(fact);
  shop.log("info", "webhook", { event, order: fact?.order, why, outcome });
  return { status: { new: "stored", known: "duplicate", forgotten: "ignored" }[outcome] };
}

/** Every order as one line of JSON. @param {Shop} shop @param {Request} request @param {number} now */
async function ledger(shop, request, now) {
  // Compared as hashes: neither length nor digits of the token show in the time.
  const [right, given] = await Promise.all([`Bearer ${shop.adminToken}`, request.headers.get("authorization") ?? ""].map((text) => sha256(utf8(text))));
  if (!shop.adminToken || hex(right) !== hex(given)) refuse("signature");
  let out = "";
  await shop.books.each(async (order, facts) => {
    const e = entitlement(facts, now);
    const recent = (await shop.books.devices(order)).filter(({ first }) => first > now - SPAN);
    out += JSON.stringify({
      order, state: e.state, seats: e.seats, courses: opens(e, order, shop.catalog).map(({ id }) => id), product: e.items[0]?.product,
      variant: e.items[0]?.variant, number: e.number ?? null, display: e.display, currency: e.currency ?? null, total: e.total ?? null,
      refunded: e.refunded, paid_at: e.paid_at, expires_at: e.expires_at ?? null, ended_at: endedAt(facts, now) ?? null,
      devices_30d: recent.length,
    }) + "\n";
  });
  return json(out, 200, "application/x-ndjson");
}

/**
 * The endpoint as a function. Paths are below the one of the catalog's `endpoint`.
 * @param {Settings} settings @returns {(request: Request) => Promise<Response>}
 */
export function endpoint(settings) {
  const {
    catalog, mode = "live", secrets = [], adminToken = "", api = API, fetch = globalThis.fetch, log = () => {},
    now = () => Math.floor(Date.now() / 1000), random = () => crypto.getRandomValues(new Uint8Array(16)),
  } = settings;
  const base = new URL(catalog.endpoint ?? "/", "http://localhost").pathname;
  const shop = open({ ...settings, mode, secrets, adminToken, api, fetch, log, now, random });
  shop.catch(() => {});
  /** @type {import("./limits.js").Level} */
  let calls;

  /** @param {Request} request @param {string} path */
  async function route(request, path) {
    const [, call, provider] = /^(?:(unlock|refresh|devices|ledger|health)|webhooks\/([^/]+))$/.exec(path) ?? refuse("unknown");
    const allow = call === "ledger" || call === "health" ? "GET,HEAD" : "POST";
    if (!allow.split(",").includes(request.method)) {
      const isCall = call && Object.hasOwn(CALLS, call);
      const response = isCall && request.method === "OPTIONS" ? new Response(null, { status: 204 }) : new Refusal("method").response();
      response.headers.set("allow", allow);
      return response;
    }
    if (call === "health") {
      const store = await shop.then(({ books }) => books.isForgotten("nobody:0")).then(() => true, () => false);
      return json({ mode, status: store ? "ok" : "down", store, version: VERSION }, store ? 200 : 503);
    }
    const [open, time] = [await shop, now()];
    if (call === "ledger") return ledger(open, request, time);
    if (provider) return json(await webhook(open, request, provider));
    const { wait, ...level } = take(calls, 600, 6000, time);
    calls = level;
    if (wait) refuse("wait", wait);
    const asked = await bytes(request, CALL_MAX).then(parse);
    return json(await CALLS[/** @type {keyof typeof CALLS} */ (call)](open, asked, time));
  }

  /** The site's pages may ask across origins, nobody else's; no cookies, so no credentials. @param {Request} request @param {Headers} headers */
  function cors(request, headers) {
    headers.set("vary", "origin");
    if (request.headers.get("origin") !== catalog.origin) return;
    headers.set("access-control-allow-origin", catalog.origin);
    headers.set("access-control-expose-headers", "retry-after");
    if (request.method !== "OPTIONS") return;
    headers.set("access-control-allow-methods", "POST");
    headers.set("access-control-allow-headers", "content-type");
    headers.set("access-control-max-age", "600");
  }

  return async (request) => {
    const { pathname } = new URL(request.url);
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : "";
    const isCall = Object.hasOwn(CALLS, path);
    const response = await route(request, path).catch((error) => {
      if (error instanceof Malformed) return new Refusal("malformed").response();
      if (error instanceof Refusal) return error.response();
      log("error", "failed", { error: String(error) });
      return new Refusal("unavailable").response();
    });
    if (isCall) cors(request, response.headers);
    response.headers.set("cache-control", "no-store");
    response.headers.set("x-content-type-options", "nosniff");
    log("info", "request", { method: request.method, route: isCall || /^(ledger|health)$/.test(path) ? path : path.split("/")[0] === "webhooks" ? "webhooks" : "none", status: response.status });
    return request.method === "HEAD" ? new Response(null, response) : response;
  };
}
