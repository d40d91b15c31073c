// What every target is set up with: the same shops, secrets and instances.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { API_KEY, BUNDLE, ONE, STORE, Shop } from "./shop.mjs";

export const SITE = "two-small-courses";
export const ORIGIN = "https://example.com";
export const SECRET = "whsec-of-the-bench-0123456789abc";
export const PREVIOUS = "previous-secret-0123456789abcdef";
export const ADMIN = "admin-of-the-bench-0123456789abcd";
export const KEY = Buffer.alloc(32, 7);
export const VERSION = /^version = "(.*)"$/m.exec(readFileSync(new URL("../../Cargo.toml", import.meta.url), "utf8"))[1];

const PREFIX = "bookplate_site_key_v1_";
export const siteKey = (bytes = KEY) => PREFIX + bytes.toString("hex") + createHash("sha256").update(PREFIX).update(bytes).digest("hex").slice(0, 8);

const product = (id) => ({ provider: "lemon_squeezy", store: STORE, product: id });
/** Two courses: one product opens the first, a bundle both. */
export const catalog = (epochs = [1], sold = true) => ({
  version: 1, site: SITE, origin: ORIGIN, base: "/courses/", endpoint: "https://keys.example.com/",
  courses: [["ownership", [ONE, BUNDLE], "2.2048.1"], ["moving", [BUNDLE], "4.64.1"]].map(([id, products, params]) =>
    ({ id, title: id, url: `${id}/`, epochs, params, rules: 0, products: sold ? products.map(product) : [] })),
});

/** Name, catalog, environment, and which store it shares. */
export function instances(api) {
  const env = { BOOKPLATE_SITE_KEY: siteKey(), BOOKPLATE_LEMON_SQUEEZY_SECRET: `${SECRET}, ${PREVIOUS}`, BOOKPLATE_ADMIN_TOKEN: ADMIN, BOOKPLATE_LEMON_SQUEEZY_API: api, BOOKPLATE_LEMON_SQUEEZY_API_KEY: API_KEY };
  return [
    { name: "live", store: "a", catalog: catalog(), env },
    { name: "rotating", store: "a", catalog: catalog([1, 2]), env },
    // The provider's calls are counted in the store: a full budget for each.
    ...[1, 2, 3, 4].map((n) => ({ name: `healing ${n}`, store: `b${n}`, catalog: catalog(), env })),
    { name: "test", store: "c", catalog: catalog(), env: { ...env, BOOKPLATE_MODE: "test" } },
    { name: "empty", store: "d", catalog: catalog(), env },
    { name: "bare", store: "e", catalog: catalog([1], false), env: { BOOKPLATE_SITE_KEY: siteKey() } },
  ];
}

export const live = new Shop(SECRET);
export const test = new Shop(SECRET, { test: true });
