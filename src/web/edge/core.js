// The key endpoint: from a Request to a Response, wherever it runs. Twin of src/keyserver/, and the same to every client.

import { derive, hex, join, sha256 } from "../protocol.js";
import { bytes, id, json, parse, refusal, refuse, text } from "./answer.js";
import { books } from "./books.js";
import { recent } from "./devices.js";
import { endedAt, entitlement, opens, sells } from "./entitlement.js";
import { disable } from "./heal.js";
import { fits, hmac, macKey, parseSiteKey, unhex } from "./keys.js";
import { PROVIDER, read } from "./lemon_squeezy.js";
import { notes } from "./limits.js";
import { devices, refresh, unlock } from "./readers.js";

export const VERSION = "0.1.0";

/** @typedef {{ provider: string, store: number, product: number, variant?: number }} Product */
/** @typedef {{ id: string, epochs: number[], params: string, products?: Product[] }} Course */
/** @typedef {{ site: string, origin: string, endpoint: string | null, key?: string, courses: Course[] }} Catalog what the build writes as catalog.json; key is a fingerprint of the site's */
/**
 * @typedef {{ catalog: Catalog, store: import("./books.js").Store, now?: () => number, fetch?: typeof globalThis.fetch } &
 *   ReturnType<typeof import("./env.js").settings>} Settings now is seconds since 1970; log is never given a code, key, token, body or address
 */
/**
 * @typedef {Required<Omit<Settings, "store" | "mode" | "siteKey" | "log" | "now">> & {
 *   site: string, siteKey: Uint8Array, tokenKey: CryptoKey, books: ReturnType<typeof books>, sold: Product[], now: number, note: Record<string, any>,
 *   everybody: import("./limits.js").Level, drawn: Record<string, Promise<DataView>>, codes: (digest: string) => Partial<import("./limits.js").Level & { asked: number, refused: { word: string, until: number } }>,
 *   digest(label: string, of: string | Uint8Array): Promise<string>, typed(label: string, text: string): Promise<string>,
 *   stranger(item?: import("./lemon_squeezy.js").Item, test?: boolean): string, later(work: Promise<void>): void,
 * }} Shop what the handlers of one request work with; note is its line in the log; codes is what this process remembers of each code: how
 *   often it came, whether the provider was asked about it, and for how long his refusal is believed; everybody is how often all came; drawn is what all
 *   keyrings of a course have in common
 */
/** @typedef {{ order: string, given: import("./entitlement.js").Entitlement, seat: number }} Found */

const NOT_SOLD = "not sold here";
const MODES = /^(live|test)$/;
/** Kinds of facts, with the members that each must have. @type {Record<string, string>} */
const KINDS = {
  order: "status store product quantity", licence: "licence key", subscription: "subscription status store product quantity", invoice: "invoice subscription status",
  granted: "courses seats reason", revoked: "at", restored: "at", locked: "keep",
};

/** @param {Shop} shop @param {Request} request @param {string} provider */
async function webhooks(shop, request, provider) {
  const { secrets, books } = shop;
  if (provider !== PROVIDER || !secrets.length) refuse("unknown");
  const body = await bytes(request, 256 * 1024);
  const mac = unhex(request.headers.get("x-signature")) ?? refuse("signature");
  if (!(await Promise.all(secrets.map(async (secret) => fits(await macKey(join(secret)), body, mac)))).includes(true)) refuse("signature");
  const { event, test, fact, item } = await read(body, shop);
  // Subscriptions come before their payments: one that we do not know is of a product that we do not sell.
  if (fact && !item) fact.order = await books.find("subscription", fact.subscription);
  const order = fact?.order;
  let why = order ? shop.stranger(item, test) : "of no interest";
  // An order that was taken stays ours when its product leaves the catalog, so that its refund is not lost.
  if (why === NOT_SOLD && (await books.facts(order)).length) why = "";
  const outcome = why ? "forgotten" : await books.insert(fact);
  Object.assign(shop.note, { event, order, why, outcome });
  if (outcome === "new" && fact.kind === "order" && /refunded|fraudulent/.test(entitlement(await books.facts(order), shop.now).state)) shop.later(disable(shop, order));
  return { status: { new: "stored", known: "duplicate", forgotten: "ignored" }[outcome] };
}

/** @param {unknown[]} all */
const lines = (all) => new Response(all.map((one) => JSON.stringify(one) + "\n").join(""), { headers: { "content-type": "application/x-ndjson" } });

/** Only the author passes. @param {Shop} shop @param {Request} request */
async function author({ adminToken }, { headers }) {
  // Compared as hashes: neither length nor digits of the token show in the time.
  const [right, given] = await Promise.all([`Bearer ${adminToken}`, headers.get("authorization") ?? ""].map(async (text) => hex(await sha256(text))));
  if (!adminToken || right !== given) refuse("signature");
}

/** Every order as one line of JSON. @param {Shop} shop @param {Request} request */
async function ledger(shop, request) {
  const { books, catalog, now } = shop;
  await author(shop, request);
  return lines(await books.each(async (order, facts) => {
    const given = entitlement(facts, now);
    const { state, seats, items: [item], number = null, display, currency = null, total = null, refunded, paid_at, expires_at = null } = given;
    return {
      order, state, seats, courses: opens(given, order, catalog).map((one) => one.id), product: item?.product, variant: item?.variant, number, display, currency,
      total, refunded, paid_at, expires_at, ended_at: endedAt(facts, now) ?? null,
      devices_30d: recent(await books.devices(order), now).length,
    };
  }));
}

/** `PROVIDER:ID` @param {any} value */
const orderRef = (value) => (/^[\da-z_-]{1,32}:/.test(text(value) ?? "") ? id(value.replace(/.*?:/, "")) && value : refuse("malformed"));

/** Facts, as the author reads, tells and forgets them. @param {Shop} shop @param {Request} request */
async function facts(shop, request) {
  const { books, note } = shop;
  await author(shop, request);
  const { method, url } = request;
  const [order, second] = new URL(url).searchParams.getAll("order");
  if (second !== undefined) refuse("malformed");
  if (order !== undefined) note.order = orderRef(order);
  if (method === "DELETE") return { deleted: (note.outcome = await books.forget(order ?? refuse("malformed"))) };
  if (method !== "POST") return lines(order === undefined ? (await books.each(async (_, facts) => facts)).flat() : await books.facts(order));
  const told = parse(await bytes(request, 256 * 1024), "\n");
  if (told.length > 1000) refuse("large");
  for (const fact of told) {
    const isWhole = orderRef(fact?.order) && Number.isSafeInteger(fact.at) && fact.at >= 0 && Object.hasOwn(KINDS, fact.kind) && KINDS[fact.kind].split(" ").every((member) => member in fact);
    if (!isWhole) refuse("malformed");
  }
  const inserted = [];
  for (const fact of told) {
    const word = await books.insert(fact);
    note[word] = (note[word] ?? 0) + 1;
    inserted.push(word);
    note.order = fact.order;
  }
  return { inserted };
}

/** What readers ask: a body in JSON. @param {(shop: Shop, asked: any) => Promise<object>} answer @returns {Handler} */
const call = (answer) => async (shop, request) => {
  const asked = parse(await bytes(request, 16 * 1024));
  return answer(shop, asked && !Array.isArray(asked) ? asked : refuse("malformed"));
};

/** @typedef {(shop: Shop, request: Request, provider: string) => Promise<object>} Handler gives a response, or what is told as JSON */
/** Handlers, and methods where there are others than POST. @type {Record<string, [Handler | null, string?]>} */
const ROUTES = {
  unlock: [call(unlock)], refresh: [call(refresh)], devices: [call(devices)], webhooks: [webhooks], ledger: [ledger, "GET,HEAD"], facts: [facts, "GET,HEAD,POST,DELETE"],
  // Asked before there is a shop.
  health: [null, "GET,HEAD"],
};

/**
 * The endpoint as a function. Paths are below the one of the catalog's `endpoint`.
 * @param {Settings} settings
 * @returns {(request: Request, context?: { waitUntil?: (work: Promise<unknown>) => void }) => Promise<Response>} work that goes on behind an
 *   answer is told to the context, where the host has one
 */
export function endpoint({ log, mode, now: clock = () => Math.floor(Date.now() / 1000), store, ...settings }) {
  const { catalog } = settings;
  const { site, origin } = catalog;
  const sold = catalog.courses.flatMap(({ products = [] }) => products);
  const kept = books(store);
  const [codes, everybody] = [notes(20000), {}];
  const opened = parseSiteKey(settings.siteKey).then(async (key) => {
    if (catalog.key && catalog.key !== hex(await derive(key, "fingerprint", site)).slice(0, 16)) throw new Error("BOOKPLATE_SITE_KEY is not the key of the catalog: set the one that built it");
    return key;
  });
  const ready = opened.then(async (siteKey) => {
    if (!MODES.test(mode)) throw new Error("BOOKPLATE_MODE is misspelt: set it to live or test");
    const [storeKey, tokenKey] = await Promise.all(["store", "token"].map(async (label) => macKey(await derive(siteKey, label, site))));
    /** Keyed hashes of everything that would open something. @param {string} label @param {string | Uint8Array} of */
    const digest = async (label, of) => hex(await hmac(storeKey, join(label + "\0", of)));
    return {
      fetch, ...settings, siteKey, tokenKey, site, sold, digest, books: kept, codes, everybody, drawn: {},
      typed: (/** @type {string} */ label, /** @type {string} */ text) => digest(label, text.trim().replace(/[A-Z]/g, (c) => c.toLowerCase())),
      /** Why an item is nothing to us. @type {Shop["stranger"]} */
      stranger: (item, test) => (test !== (mode === "test") ? "the other mode" : !item || sold.some((product) => sells(product, PROVIDER, item)) ? "" : NOT_SOLD),
    };
  });
  ready.catch(() => {});

  /** @param {Shop["note"]} note */
  async function health(note) {
    const [key, isReady, store] = await Promise.all([opened, ready, kept.isForgotten("nobody:0")].map((work) => work.then(() => true, (error) => ((note.error = String(error)), false))));
    const isUp = isReady && store;
    return json({ key, mode: MODES.test(mode) ? mode : "misspelt", status: isUp ? "ok" : "down", store, version: VERSION }, isUp ? 200 : 503);
  }

  return async (request, context) => {
    const { method, url } = request;
    const [{ pathname }, base] = [new URL(url), new URL(catalog.endpoint ?? "/", url).pathname];
    const [, name = "", provider] = /^(\w+)(?:\/([^/]+))?$/.exec(pathname.startsWith(base) ? pathname.slice(base.length) : "") ?? [];
    const isCall = /^(unlock|refresh|devices)$/.test(name) && !provider;
    const ours = isCall && request.headers.get("origin") === origin;
    /** @type {Shop["note"]} */
    const note = {};
    const answer = async () => {
      if (!Object.hasOwn(ROUTES, name) || (name === "webhooks") !== !!provider) refuse("unknown");
      const [run, allow = "POST"] = ROUTES[name];
      if (method === "OPTIONS" && isCall) return new Response(null, { status: 204, headers: { allow } });
      if (!allow.split(",").includes(method)) refuse("method", undefined, { allow });
      if (!run) return health(note);
      const later = (/** @type {Promise<void>} */ work) => {
        const done = work.catch(() => log({ route: "disable", failed: true }));
        context?.waitUntil?.(done);
      };
      const made = await run({ ...(await ready), now: clock(), note, later }, request, provider);
      return made instanceof Response ? made : json(made);
    };
    const { body, status, headers } = await answer().catch((error) => {
      if (error instanceof Response) return error;
      note.error = String(error);
      return refusal("unavailable");
    });
    log({ method, route: name, status, ...note });
    return new Response(method === "HEAD" ? null : body, { status, headers: {
      ...Object.fromEntries(headers), "cache-control": "no-store", "x-content-type-options": "nosniff", ...(isCall && { vary: "origin" }),
      // The site's pages may ask across origins, nobody else's; no cookies, so no credentials.
      ...(ours && { "access-control-allow-origin": origin, "access-control-expose-headers": "retry-after" }),
      ...(ours && method === "OPTIONS" && { "access-control-allow-methods": "POST", "access-control-allow-headers": "content-type", "access-control-max-age": "600" }),
    } });
  };
}
