// The key endpoint: from a Request to a Response, wherever it runs. Twin of src/keyserver/, and the same to every client.

import { derive, hex, join } from "../protocol.js";
import { json, refusal, refuse } from "./answer.js";
import { books } from "./books.js";
import { sells } from "./entitlement.js";
import { hmac, macKey, parseSiteKey } from "./keys.js";
import { PROVIDER } from "./lemon_squeezy.js";
import { notes } from "./limits.js";

export const VERSION = "0.1.0";

/** @typedef {{ provider: string, store: number, product: number, variant?: number }} Product */
/** @typedef {{ id: string, epochs: number[], params: string, products?: Product[] }} Course */
/** @typedef {{ site: string, origin: string, endpoint: string | null, key?: string, courses: Course[] }} Catalog what the build writes as catalog.json; key is a fingerprint of the site's */
/**
 * @typedef {{ catalog: Catalog, store: import("./books.js").Store, now?: () => number, fetch?: typeof globalThis.fetch } &
 *   ReturnType<typeof import("./env.js").settings>} Settings now is seconds since 1970; log is never given a code, key, token, body or address
 */
/**
 * @typedef {Required<Omit<Settings, "mode" | "siteKey" | "log" | "now">> & {
 *   site: string, siteKey: Uint8Array, tokenKey: CryptoKey, books: ReturnType<typeof books>, sold: Product[], now: number, note: Record<string, any>,
 *   everybody: import("./limits.js").Level, drawn: Record<string, Promise<DataView>>, codes: (digest: string) => Partial<import("./limits.js").Level & { asked: number, refused: { word: string, until: number } }>,
 *   digest(label: string, of: string | Uint8Array): Promise<string>, typed(label: string, text: string): Promise<string>,
 *   stranger(item?: import("./lemon_squeezy.js").Item, test?: boolean): string, later(work: Promise<void>): void,
 * }} Shop what the handlers of one request work with; note is its line in the log; codes is what this process remembers of each code: how
 *   often it came, whether the provider was asked about it, and for how long his refusal is believed; everybody is how often all came; drawn is what all
 *   keyrings of a course have in common
 */
/** @typedef {{ order: string, given: import("./entitlement.js").Entitlement, seat: number }} Found */

/** Why something is nothing to us. */
export const NOT_SOLD = "not sold here";
const MODES = /^(live|test)$/;

/** @typedef {(shop: Shop, request: Request, provider: string) => Promise<object>} Handler gives a response, or what is told as JSON */
/** @typedef {Record<string, [Handler, string?]>} Routes handlers, and methods where there are others than POST */

/**
 * The endpoint as a function. Paths are below the one of the catalog's `endpoint`.
 * @param {Settings} settings @param {Routes} routes what it answers beside `health`: the counter's, the desk's, or both
 * @returns {(request: Request, context?: { waitUntil?: (work: Promise<unknown>) => void }) => Promise<Response>} work that goes on behind an
 *   answer is told to the context, where the host has one
 */
export function endpoint({ log, mode, now: clock = () => Math.floor(Date.now() / 1000), ...settings }, routes) {
  const { catalog, store } = settings;
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
    return json({ key, mode: MODES.test(mode) ? mode : "misspelt", site, status: isUp ? "ok" : "down", store, version: VERSION }, isUp ? 200 : 503);
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
      // Asked before there is a shop.
      const isHealth = name === "health" && !provider;
      if (!isHealth && (!Object.hasOwn(routes, name) || (name === "webhooks") !== !!provider)) refuse("unknown");
      const [run, allow = "POST"] = isHealth ? [, "GET,HEAD"] : routes[name];
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
    log({ method: /^[A-Z]{3,7}$/.test(method) ? method : "other", route: name, status, ...note });
    return new Response(method === "HEAD" ? null : body, { status, headers: {
      ...Object.fromEntries(headers), "cache-control": "no-store", "x-content-type-options": "nosniff", ...(isCall && { vary: "origin" }),
      // The site's pages may ask across origins, nobody else's; no cookies, so no credentials.
      ...(ours && { "access-control-allow-origin": origin, "access-control-expose-headers": "retry-after" }),
      ...(ours && method === "OPTIONS" && { "access-control-allow-methods": "POST", "access-control-allow-headers": "content-type", "access-control-max-age": "600" }),
    } });
  };
}
