// The endpoint on Netlify, as a function (Node) and as an edge function (Deno).

import { blobs } from "./blobs.js";
import { endpoint } from "./core.js";
import { settings } from "./env.js";

/**
 * Deploys that are not the published site have stores of their own, and so has test mode: an order that cost nothing must not be there when
 * the endpoint goes live.
 * @param {import("./core.js").Catalog} catalog @param {(options: { name: string, consistency: "strong" }) => import("./blobs.js").Blobs} getStore of @netlify/blobs
 * @param {import("./core.js").Routes} routes of the counter or of the desk: each is a function of its own
 */
export function netlify(catalog, getStore, routes) {
  /** @type {Record<string, ReturnType<typeof endpoint>>} */
  const handlers = {};
  return (/** @type {Request} */ request, /** @type {any} */ context) => {
    const own = settings(/** @type {any} */ (globalThis).Netlify.env.get);
    const name = ["bookplate", context?.deploy?.context ?? "production", own.mode].join("-").replace(/-production|-live/g, "");
    handlers[name] ??= endpoint({ catalog, ...own, store: blobs(() => getStore({ name, consistency: "strong" })) }, routes);
    return handlers[name](request, context);
  };
}
