// What the edge endpoint asks its store: codes that open nothing cost the same look-ups, whatever is wrong with them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { claimHash, newCode } from "../../src/web/protocol.js";
import { VERSION, endpoint } from "../../src/web/edge/core.js";
import { COUNTER } from "../../src/web/edge/counter.js";
import { DESK } from "../../src/web/edge/desk.js";
import { settings } from "../../src/web/edge/env.js";
import { memory } from "../../src/web/edge/memory.js";
import { UNKNOWN, purchase } from "../conformance/shop.mjs";
import { ADMIN, SITE, instances, live } from "../conformance/world.mjs";

/** An endpoint whose store writes down what it is asked of names, facts and devices. */
function watched(more = {}) {
  const [store, asked] = [memory(), []];
  const note = (method, key) => /^[nfd]\//.test(key) && asked.push(`${method} ${key.split("/").slice(0, 2).join("/")}`);
  const spy = Object.fromEntries(Object.entries(store).map(([method, run]) => [method, (key, ...rest) => (note(method, key), run(key, ...rest))]));
  const [{ catalog, env }] = instances("http://127.0.0.1:9");
  let calls = 0;
  const fetch = async () => (calls++, new Response(UNKNOWN.body, { status: UNKNOWN.status }));
  const handle = endpoint({ catalog, ...settings((name) => env[name]), log: () => {}, store: /** @type {any} */ (spy), fetch, ...more }, { ...COUNTER, ...DESK });
  const post = async (path, value, headers = {}) => {
    asked.length = 0;
    const body = typeof value === "string" ? value : JSON.stringify(value);
    const response = await handle(new Request("https://keys.example.com" + path, { method: "POST", body, headers }));
    return { status: response.status, text: await response.text(), asked: [...asked] };
  };
  const hook = ({ body, signature }) => post("/webhooks/lemon_squeezy", body, { "x-signature": signature });
  return { post, hook, calls: () => calls };
}

test("claims that open nothing", async () => {
  const { post, hook } = watched();
  const code = newCode();
  const bought = purchase(1_000_042, { claim: await claimHash(code, SITE) });
  assert.equal((await hook(live.paid(bought))).status, 200);
  const typo = (code[0] === "0" ? "1" : "0") + code.slice(1);
  for (const claim of [newCode(), typo, "hello", "", "\u202e", bought.claim]) {
    const got = await post("/unlock", { claim, order: bought.reference });
    assert.deepEqual([got.status, got.asked], [202, ["get n/claim", "list f/nobody:0"]], claim);
  }
  const got = await post("/unlock", { claim: code, order: "another" });
  assert.deepEqual([got.status, got.asked], [202, ["get n/claim", "list f/lemon_squeezy:7000042", "get f/lemon_squeezy:7000042"]]);
});

test("licence keys that open nothing", async () => {
  const { post, calls } = watched();
  for (const licence of ["38b1460a-5104-4067-a91d-77b872934d51", "38b1460a-5104-4067-a91d-77b872934d5", "x", "", newCode()]) {
    const got = await post("/unlock", { licence });
    assert.deepEqual([got.status, got.text, got.asked], [404, '{"error":"unknown"}', ["get n/licence", "list f/nobody:0"]], licence);
  }
  assert.equal(calls(), 1);
});

test("bad tokens and what is no request make the store look for nothing", async () => {
  const { post } = watched();
  for (const [path, body] of [["/refresh", { token: "x", course: "ownership" }], ["/devices", { token: "bookplate_token_v1_AAAA" }], ["/unlock", {}], ["/unlock", "{"], ["/refresh", { token: "x" }], ["/nothing", {}],
    ["/webhooks/lemon_squeezy", "{}"]]) {
    const { status, asked } = await post(path, body);
    assert.ok(status >= 400 && asked.length === 0, `${path} ${status} ${asked}`);
  }
});

test("no keyring leaves before its order is stored, and nothing is told by a store that fails", async () => {
  const broken = { get: async () => Promise.reject(new Error("secret detail")), put: async () => Promise.reject(new Error("no")), list: async () => Promise.reject(new Error("no")) };
  const lines = [];
  const { post, hook } = watched({ store: broken, log: (line) => lines.push(JSON.stringify(line)) });
  const bought = purchase(1_000_043);
  for (const got of [await hook(live.paid(bought)), await post("/unlock", { licence: bought.key() }), await post("/unlock", { claim: newCode() })]) {
    assert.deepEqual([got.status, got.text], [503, '{"error":"unavailable","retryAfter":10}']);
  }
  assert.ok(lines.every((line) => !line.includes(bought.key()) && !line.includes("buyer@")));
});

test("without the site's own key, or a mode, nothing is answered; health and the log say why", async () => {
  const [{ catalog, env }] = instances("");
  const site = settings((name) => env[name]);
  for (const [more, key, mode, why] of /** @type {const} */ ([
    [{ siteKey: "" }, false, "live", /SITE_KEY is missing or mistyped/], [{ siteKey: site.siteKey.slice(0, -1) }, false, "live", /SITE_KEY is missing/],
    [{ catalog: { ...catalog, key: "0123456789abcdef" } }, false, "live", /SITE_KEY is not the key of the catalog/], [{ mode: "Live" }, true, "misspelt", /MODE is misspelt: set it to live or test/]])) {
    const lines = [];
    const log = (line) => lines.push(JSON.stringify(line));
    const { post, hook } = watched({ ...more, log });
    for (const got of [await post("/unlock", { licence: "x" }), await hook(live.paid(purchase(1_000_044)))]) assert.deepEqual([got.status, got.asked], [503, []]);
    const got = await endpoint({ catalog, ...site, store: memory(), ...more, log }, {})(new Request("https://keys.example.com/health"));
    assert.deepEqual([got.status, await got.text()], [503, `{"key":${key},"mode":"${mode}","site":"${catalog.site}","status":"down","store":true,"version":"${VERSION}"}`]);
    for (const line of lines) assert.match(line, why);
    assert.ok(lines.length === 3 && lines.every((line) => !line.includes(site.siteKey.slice(0, 40))));
  }
});

test("the log of facts has orders and counts, and nothing that they say", async () => {
  const lines = [];
  const { post } = watched({ log: (line) => lines.push(line) });
  const fact = JSON.stringify({ order: "manual:x", at: 1, kind: "locked", keep: "5".repeat(64) });
  const { status, text } = await post("/facts", `${fact}\n${fact}\n`, { authorization: `Bearer ${ADMIN}` });
  assert.deepEqual([status, text], [200, '{"inserted":["new","known"]}']);
  assert.deepEqual(lines, [{ method: "POST", route: "facts", status: 200, order: "manual:x", new: 1, known: 1 }]);
});
