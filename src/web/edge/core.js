// The key endpoint: from a Request to a Response, wherever it runs. Twin of src/keyserver/, and the same to every client.

import { derive, hex, join, sha256, utf8 } from "../protocol.js";
import { bytes, json, parse, refusal, refuse } from "./answer.js";
import { books } from "./books.js";
import { SPAN } from "./devices.js";
import { endedAt, entitlement, opens, sells } from "./entitlement.js";
import { disable } from "./heal.js";
import { hmac, macKey, parseSiteKey } from "./keys.js";
import { API, PROVIDER, read, verify } from "./lemon_squeezy.js";
import { small, take } from "./limits.js";
import { devices, refresh, unlock } from "./readers.js";

export const VERSION = "0.1.0";

/** @typedef {{ provider: string, store: number, product: number, variant?: number }} Product */
/** @typedef {{ id: string, epochs: number[], params: string, products?: Product[] }} Course */
/** @typedef {{ site: string, origin: string, endpoint: string | null, courses: Course[] }} Catalog what the build writes as catalog.json */
/**
 * @typedef {{
 *   catalog: Catalog, siteKey: string, secrets?: string[], adminToken?: string, mode?: "live" | "test", store: import("./books.js").Store,
 *   now?: () => number, random?: () => Uint8Array, fetch?: typeof globalThis.fetch, api?: string, apiKey?: string, log?: (line: object) => void,
 * }} Settings secrets are the webhook's, the current one and the previous one; now is seconds since 1970; random is 16 bytes; log is never
 *   given a code, key, token, body or address
 */
/**
 * @typedef {Required<Omit<Settings, "store" | "mode" | "siteKey" | "log" | "now">> & {
 *   site: string, siteKey: Uint8Array, tokenKey: CryptoKey, books: ReturnType<typeof books>, sold: Product[], now: number, note: Record<string, unknown>,
 *   refused: { get(key: string): { word: string, until: number } | undefined, set(key: string, value: { word: string, until: number }): void },
 *   asked: { get(key: string): number | undefined, set(key: string, value: number): void },
 *   digest(label: string, of: string | Uint8Array): Promise<string>, licence(typed: string): Promise<string>, reference(typed: string): Promise<string>,
 *   stranger(item: import("./lemon_squeezy.js").Item | undefined, test: boolean): string, limit(what: string): void, later(work: Promise<void>): void,
 * }} Shop what the handlers of one request work with; note is its line in the log
 */
/** @typedef {{ order: string, given: import("./entitlement.js").Entitlement, seat: number }} Found */

const NOT_SOLD = "not sold here";
const CALLS = { unlock, refresh, devices };

/** @param {Shop} shop @param {Request} request @param {string} provider */
async function webhook(shop, request, provider) {
  const { secrets, books, stranger, note, now, later } = shop;
  if (provider !== PROVIDER || !secrets.length) refuse("unknown");
  const body = await bytes(request, 256 * 1024);
  if (!(await verify(secrets, body, request.headers.get("x-signature")))) refuse("signature");
  const { event, test, fact, item } = await read(body, shop);
  // Subscriptions come before their payments: one that we do not know is of a product that we do not sell.
  if (fact && !item) fact.order = await books.find("subscription", fact.subscription);
  let why = fact?.order ? stranger(item, test) : "of no interest";
  // An order that was taken stays ours when its product leaves the catalog, so that its refund is not lost.
  if (why === NOT_SOLD && (await books.facts(fact.order)).length) why = "";
  const outcome = why ? "forgotten" : await books.insert(fact);
  Object.assign(note, { event, order: fact?.order, why, outcome });
  if (outcome === "new" && fact.kind === "order" && ["refunded", "fraudulent"].includes(entitlement(await books.facts(fact.order), now).state)) later(disable(shop, fact.order));
  return json({ status: { new: "stored", known: "duplicate", forgotten: "ignored" }[outcome] });
}

/** Every order as one line of JSON. @param {Shop} shop @param {Request} request */
async function ledger({ adminToken, books, catalog, now }, request) {
  // Compared as hashes: neither length nor digits of the token show in the time.
  const [right, given] = await Promise.all([`Bearer ${adminToken}`, request.headers.get("authorization") ?? ""].map((text) => sha256(utf8(text))));
  if (!adminToken || hex(right) !== hex(given)) refuse("signature");
  let out = "";
  await books.each(async (order, facts) => {
    const given = entitlement(facts, now);
    const { state, seats, items: [item], number = null, display, currency = null, total = null, refunded, paid_at, expires_at = null } = given;
    out += JSON.stringify({
      order, state, seats, courses: opens(given, order, catalog).map(({ id }) => id), product: item?.product, variant: item?.variant, number, display, currency,
      total, refunded, paid_at, expires_at, ended_at: endedAt(facts, now) ?? null,
      devices_30d: (await books.devices(order)).filter(({ first }) => first > now - SPAN).length,
    }) + "\n";
  });
  return new Response(out, { headers: { "content-type": "application/x-ndjson" } });
}

/**
 * The endpoint as a function. Paths are below the one of the catalog's `endpoint`.
 * @param {Settings} settings
 * @returns {(request: Request, context?: { waitUntil?: (work: Promise<unknown>) => void }) => Promise<Response>} work that goes on behind an
 *   answer is told to the context, where the host has one
 */
export function endpoint({ log = () => {}, mode = "live", now: clock = () => Math.floor(Date.now() / 1000), store, ...settings }) {
  const { catalog } = settings;
  const { site, origin } = catalog;
  const sold = catalog.courses.flatMap(({ products = [] }) => products);
  const each = small(20000);
  /** @type {import("./limits.js").Level} */
  let calls;
  const ready = parseSiteKey(settings.siteKey).then(async (siteKey) => {
    const [storeKey, tokenKey] = await Promise.all(["store", "token"].map(async (label) => macKey(await derive(siteKey, label, site))));
    /** Keyed hashes of everything that would open something. @param {string} label @param {string | Uint8Array} of */
    const digest = async (label, of) => hex(await hmac(storeKey, join(utf8(label + "\0"), typeof of === "string" ? utf8(of) : of)));
    const typed = (/** @type {string} */ label) => (/** @type {string} */ text) => digest(label, text.trim().replace(/[A-Z]/g, (c) => c.toLowerCase()));
    return {
      random: () => crypto.getRandomValues(new Uint8Array(16)), fetch, api: API, apiKey: "", secrets: [], adminToken: "", ...settings, siteKey, tokenKey, site, sold, digest,
      licence: typed("licence"), reference: typed("reference"), books: books(store), refused: small(10000), asked: small(20000),
      /** Why an item is nothing to us. @type {Shop["stranger"]} */
      stranger: (item, test) => (test !== (mode === "test") ? "the other mode" : !item || sold.some((product) => sells(product, PROVIDER, item)) ? "" : NOT_SOLD),
    };
  });
  ready.catch(() => {});

  /** @param {Request} request @param {string} path @param {Shop["note"]} note @param {any} context */
  async function route(request, path, note, context) {
    const [, call, provider] = /^(?:(unlock|refresh|devices|ledger|health)|webhooks\/([^/]+))$/.exec(path) ?? refuse("unknown");
    const allow = call === "ledger" || call === "health" ? "GET,HEAD" : "POST";
    if (request.method === "OPTIONS" && Object.hasOwn(CALLS, path)) return new Response(null, { status: 204, headers: { allow } });
    if (!allow.split(",").includes(request.method)) refuse("method", undefined, { allow });
    if (call === "health") {
      const isThere = await ready.then(({ books }) => books.isForgotten("nobody:0")).then(() => true, () => false);
      return json({ key: true, mode, status: isThere ? "ok" : "down", store: isThere, version: VERSION }, isThere ? 200 : 503);
    }
    const now = clock();
    const limit = (/** @type {string} */ what) => {
      const next = take(each.get(what), 40, 60, now);
      each.set(what, next);
      if (next.wait) refuse("wait", next.wait);
    };
    const later = (/** @type {Promise<void>} */ work) => {
      const done = work.catch(() => log({ route: "disable", failed: true }));
      context?.waitUntil?.(done);
    };
    const shop = { ...(await ready), now, note, limit, later };
    if (provider) return webhook(shop, request, provider);
    if (call === "ledger") return ledger(shop, request);
    calls = take(calls, 600, 6000, now);
    if (calls.wait) refuse("wait", calls.wait);
    const asked = parse(await bytes(request, 16 * 1024));
    return json(await CALLS[/** @type {keyof typeof CALLS} */ (call)](shop, asked && !Array.isArray(asked) ? asked : refuse("malformed")));
  }

  return async (request, context) => {
    const { headers: asked, method, url } = request;
    const [{ pathname }, base] = [new URL(url), new URL(catalog.endpoint ?? "/", url).pathname];
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : "";
    /** @type {Shop["note"]} */
    const note = {};
    const { body, status, headers } = await route(request, path, note, context).catch((error) => {
      if (error instanceof Response) return error;
      note.error = String(error);
      return refusal("unavailable");
    });
    headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
    // The site's pages may ask across origins, nobody else's; no cookies, so no credentials.
    if (Object.hasOwn(CALLS, path)) {
      headers.set("vary", "origin");
      const preflight = { "allow-methods": "POST", "allow-headers": "content-type", "max-age": "600" };
      const ours = asked.get("origin") === origin ? { "allow-origin": origin, "expose-headers": "retry-after", ...(method === "OPTIONS" && preflight) } : {};
      for (const [name, value] of Object.entries(ours)) headers.set("access-control-" + name, value);
    }
    log({ method, route: /^(\w+)(\/\w+)?$/.exec(path)?.[1], status, ...note });
    return new Response(method === "HEAD" ? null : body, { status, headers });
  };
}
