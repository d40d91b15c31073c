// A process that serves the instances of one target in JavaScript, in Node and in Deno alike. It reads them from the standard input and
// prints one line: the addresses.
import process from "node:process";

import { endpoint } from "../../src/web/edge/core.js";
import { COUNTER } from "../../src/web/edge/counter.js";
import { kvStore } from "../../src/web/edge/deno.js";
import { DESK } from "../../src/web/edge/desk.js";
import { settings } from "../../src/web/edge/env.js";
import { memory } from "../../src/web/edge/memory.js";
import { netlify } from "../../src/web/edge/netlify.js";
import { node } from "../../src/web/edge/node.js";

let text = "";
for await (const part of process.stdin) text += part;
const { kind, instances, blobs, bundled } = JSON.parse(text);
// What a host deploys, or the modules as they stand.
const counter = bundled ? await import(bundled.counter) : { netlify, COUNTER };
const desk = bundled ? await import(bundled.desk) : { netlify, DESK };

const stores = {};
const shared = async (name) => (stores[name] ??= kind === "kv" ? kvStore(await globalThis.Deno.openKv(":memory:")) : memory());

/** The handler of an instance. */
async function handler({ catalog, env, store }) {
  if (kind !== "netlify") return endpoint({ catalog, ...settings((name) => env[name]), store: await shared(store) }, { ...COUNTER, ...DESK });
  const { getStore } = await import("@netlify/blobs");
  globalThis.Netlify = { env: { get: (name) => globalThis.Netlify.of[name] } };
  globalThis.Netlify.of = env;
  const open = ({ name, consistency }) =>
    getStore({ name: `${name}-${store}`, consistency, siteID: "site", token: "token", edgeURL: "http://127.0.0.1:9", uncachedEdgeURL: blobs });
  // Two functions, as the host routes to them.
  const [own, authors] = [counter.netlify(catalog, open, counter.COUNTER), desk.netlify(catalog, open, desk.DESK)];
  const context = { deploy: { context: "production" } };
  return (request) => {
    globalThis.Netlify.of = env;
    return (/\/(ledger|facts)$/.test(new URL(request.url).pathname) ? authors : own)(request, context);
  };
}

async function serve(handle) {
  if (globalThis.Deno) {
    const { addr } = globalThis.Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handle);
    return addr.port;
  }
  const server = node(handle);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server.address().port;
}

const urls = {};
for (const instance of instances) urls[instance.name] = `http://127.0.0.1:${await serve(await handler(instance))}`;
console.log(JSON.stringify({ urls }));
