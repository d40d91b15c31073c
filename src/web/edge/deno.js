// The endpoint on Deno Deploy and under `deno serve`, with Deno KV as its store.

import { endpoint } from "./core.js";
import { COUNTER } from "./counter.js";
import { DESK } from "./desk.js";
import { settings } from "./env.js";

/** @param {any} kv an open `Deno.Kv` @returns {import("./books.js").Store} */
export const kvStore = (kv) => ({
  async get(key) {
    const { value, versionstamp } = await kv.get(key.split("/"));
    return versionstamp ? { value, etag: versionstamp } : null;
  },
  async put(key, value, etag) {
    return (await kv.atomic().check({ key: key.split("/"), versionstamp: etag ?? null }).set(key.split("/"), value).commit()).ok;
  },
  delete: (key) => kv.delete(key.split("/")),
  async list(prefix) {
    const keys = [];
    for await (const { key } of kv.list({ prefix: prefix.split("/").slice(0, -1) })) keys.push(key.join("/"));
    return keys;
  },
});

/** @param {import("./core.js").Catalog} catalog */
export async function deno(catalog) {
  const { Deno } = /** @type {any} */ (globalThis);
  return { fetch: endpoint({ catalog, ...settings((name) => Deno.env.get(name)), store: kvStore(await Deno.openKv()) }, { ...COUNTER, ...DESK }) };
}
