// What `bookplate deploy netlify` writes runs as it stands: Node imports the function, with the package's own client of the store.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { blobServer } from "../conformance/blob_server.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const BINARY = process.env.BOOKPLATE_BINARY ?? join(ROOT, "target/debug/bookplate");
const ENDPOINT = "https://example.com/-/keys/";
const SECRET = "a-webhook-secret-of-32-characters";
const TOKEN = "an-admin-token-of-32-characters-";

/** @type {string} */ let home;
/** @type {any} */ let blobs;
/** @type {any} */ let written;
/** @type {Record<string, string>} */ let variables;

/** @param {string[]} args */
const bookplate = (...args) => execFileSync(BINARY, args, { env: { PATH: process.env.PATH, HOME: home }, encoding: "utf8" });

/** Asks the written function. @param {string} path @param {RequestInit} [init] @param {string} [context] */
const ask = async (path, init, context = "production") => {
  const response = await written.default(new Request(ENDPOINT + path, init), { deploy: { context } });
  return { status: response.status, body: await response.json() };
};

before(async () => {
  home = mkdtempSync(join(tmpdir(), "bookplate-netlify-"));
  const site = join(home, "site");
  bookplate("init", site);
  const settings = readFileSync(join(site, "bookplate.yaml"), "utf8");
  writeFileSync(join(site, "bookplate.yaml"), `${settings}\nkeys: { endpoint: "${ENDPOINT}" }\n`);
  bookplate("build", site);
  bookplate("deploy", "netlify", site);
  symlinkSync(join(ROOT, "node_modules"), join(site, "node_modules"));
  blobs = await blobServer();
  const context = { siteID: "site", token: "token", edgeURL: "http://127.0.0.1:9", uncachedEdgeURL: blobs.url };
  // What the platform itself sets, in every context.
  const platform = { NETLIFY_BLOBS_CONTEXT: Buffer.from(JSON.stringify(context)).toString("base64") };
  variables = {
    BOOKPLATE_SITE_KEY: readFileSync(join(home, ".config/bookplate/site.key"), "utf8").trim(), BOOKPLATE_LEMON_SQUEEZY_SECRET: SECRET,
    BOOKPLATE_ADMIN_TOKEN: TOKEN,
  };
  /** @type {any} */ (globalThis).Netlify = { env: { get: (/** @type {string} */ name) => ({ ...platform, ...variables })[name] } };
  written = await import(pathToFileURL(join(site, "netlify/functions/bookplate.mjs")).href);
});

after(() => {
  blobs?.stop();
  rmSync(home, { recursive: true, force: true });
});

test("it answers at the path of the site's endpoint, from its store, in live mode", async () => {
  assert.deepEqual(written.config, { path: ["/-/keys/*"], excludedPath: ["/-/keys/ledger", "/-/keys/facts"] });
  const { status, body } = await ask("health");
  assert.deepEqual([status, body.store, body.mode], [200, true, "live"]);
});

test("the author's calls are a function of their own", async () => {
  assert.deepEqual([(await ask("facts")).status, (await ask("ledger")).status], [404, 404]);
  const desk = await import(pathToFileURL(join(home, "site/netlify/functions/bookplate-desk.mjs")).href);
  assert.deepEqual(desk.config, { path: ["/-/keys/ledger", "/-/keys/facts"] });
  /** @param {string} token */
  const facts = (token) => desk.default(new Request(`${ENDPOINT}facts`, { headers: { authorization: `Bearer ${token}` } }), { deploy: { context: "production" } });
  assert.deepEqual([(await facts("another")).status, (await facts(TOKEN)).status, await (await facts(TOKEN)).text()], [401, 200, ""]);
});

test("a webhook is believed by its signature alone, and stored in the store of its context", async () => {
  const event = JSON.stringify({ meta: { event_name: "order_created", test_mode: false }, data: { type: "orders", id: "1", attributes: {
    store_id: 10001, status: "paid", total: 100, refunded_amount: 0, created_at: "2026-01-01T00:00:00.000000Z", updated_at: "2026-01-01T00:00:00.000000Z",
    first_order_item: { product_id: 40001, variant_id: 1, quantity: 1 } } } });
  const signature = createHmac("sha256", SECRET).update(event).digest("hex");
  /** @param {string} signature */
  const send = (signature) => ask("webhooks/lemon_squeezy", { method: "POST", body: event, headers: { "content-type": "application/json", "x-signature": signature } });
  assert.equal((await send("0".repeat(64))).status, 401);
  assert.equal(blobs.stored(), "");
  assert.deepEqual(await send(signature), { status: 200, body: { status: "stored" } });
  assert.match(blobs.stored(), /^site:bookplate\n/);
});

test("test mode has a store of its own", async () => {
  const all = variables;
  variables = { ...all, BOOKPLATE_MODE: "test" };
  try {
    const event = JSON.stringify({ meta: { event_name: "order_created", test_mode: true }, data: { type: "orders", id: "2", attributes: {
      store_id: 10001, status: "paid", total: 100, refunded_amount: 0, test_mode: true, created_at: "2026-01-01T00:00:00.000000Z",
      updated_at: "2026-01-01T00:00:00.000000Z", first_order_item: { product_id: 40001, variant_id: 1, quantity: 1 } } } });
    const signature = createHmac("sha256", SECRET).update(event).digest("hex");
    assert.deepEqual(await ask("webhooks/lemon_squeezy", { method: "POST", body: event, headers: { "x-signature": signature } }), { status: 200, body: { status: "stored" } });
  } finally {
    variables = all;
  }
  assert.match(blobs.stored(), /^site:bookplate-test\n/m);
});

test("a deploy preview, which has neither key nor secrets, opens nothing and stores nothing", async () => {
  const [before, all] = [blobs.stored(), variables];
  variables = {};
  try {
    for (const [path, init] of /** @type {[string, RequestInit?][]} */ ([["health"], ["unlock", { method: "POST", body: "{}" }]])) {
      const { status } = await ask(path, init, "deploy-preview");
      assert.ok(status >= 400, `${path}: ${status}`);
    }
  } finally {
    variables = all;
  }
  assert.equal(blobs.stored(), before);
});
