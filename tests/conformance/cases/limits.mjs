// Paths, methods, headers, CORS, sizes, rates, health.
import { newCode } from "../../../src/web/protocol.js";
import { assert } from "../client.mjs";
import { ORIGIN, SITE, VERSION, live, test } from "../world.mjs";

const CALLS = ["/unlock", "/refresh", "/devices"];
/** Lower-case names of what every answer has, and of what a browser would act on. */
const held = ({ headers }) => Object.fromEntries(["cache-control", "x-content-type-options", "content-type", "allow", "vary"].flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])));
const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
const json = { ...always, "content-type": "application/json" };

export default {
  async "health tells version, store and mode"(t) {
    for (const [at, mode] of [["live", "live"], ["test", "test"], ["bare", "live"]]) {
      const got = await t.get("/health", { at });
      assert.deepEqual([got.status, got.text], [200, JSON.stringify({ key: true, mode, site: SITE, status: "ok", store: true, version: VERSION })]);
      assert.deepEqual(held(got), json);
    }
    const head = await t.send("HEAD", "/health");
    assert.deepEqual([head.status, head.text, held(head)], [200, "", json]);
  },

  async "wrong paths are 404, wrong methods 405"(t) {
    for (const path of ["/", "/nothing", "/unlock/", "/health/", "//unlock", "/webhooks", "/webhooks/", "/ledger/x", "/%75nlock", "/unlock%2f", "/unlock%00", "/webhooks/lemon%5fsqueezy", "/webhooks/%6cemon_squeezy"]) {
      const got = await t.post(path, {});
      assert.deepEqual([got.status, got.text, held(got)], [404, '{"error":"unknown"}', json], path);
    }
    for (const [method, path, allow] of [["GET", "/unlock", "POST"], ["PUT", "/refresh", "POST"], ["DELETE", "/devices", "POST"], ["GET", "/webhooks/lemon_squeezy", "POST"], ["PATCH", "/webhooks/x", "POST"],
      ["POST", "/health", "GET,HEAD"], ["POST", "/ledger", "GET,HEAD"], ["OPTIONS", "/ledger", "GET,HEAD"], ["OPTIONS", "/health", "GET,HEAD"]]) {
      const got = await t.send(method, path, method === "GET" ? {} : { body: "{}" });
      assert.deepEqual([got.status, got.text, held(got)], [405, '{"error":"method"}', { ...json, allow, ...(CALLS.includes(path) && { vary: "origin" }) }], `${method} ${path}`);
    }
    assert.equal((await t.post("/unlock?licence=x", { licence: "x" })).word, "404 unknown");
    // And whatever a stranger sends, the next one is answered.
    assert.equal((await t.send("TRACE", "/unlock")).status, 405);
    assert.ok((await t.send("OPTIONS", "*")).status >= 400);
    assert.equal((await t.get("/health")).status, 200);
  },

  async "the site's pages may ask across origins, nobody else's"(t) {
    for (const [origin, allowed] of [[ORIGIN, true], [`${ORIGIN}.evil.net`, false], ["null", false], ["http://example.com", false], ["https://EXAMPLE.com", false], [`${ORIGIN}/`, false], ["", false]]) {
      for (const path of CALLS) {
        const headers = { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" };
        const [asked, posted] = [await t.send("OPTIONS", path, { headers }), await t.post(path, {}, { headers: { origin } })];
        assert.deepEqual([asked.status, asked.text, posted.status], [204, "", 400]);
        const cors = (got) => Object.fromEntries(Object.entries(got.headers).filter(([name]) => name.startsWith("access-control-")));
        const both = { "access-control-allow-origin": ORIGIN, "access-control-expose-headers": "retry-after" };
        assert.deepEqual(cors(posted), allowed ? both : {}, origin);
        assert.deepEqual(cors(asked), allowed ? { ...both, "access-control-allow-methods": "POST", "access-control-allow-headers": "content-type", "access-control-max-age": "600" } : {}, origin);
        assert.deepEqual([held(asked), held(posted)], [{ ...always, allow: "POST", vary: "origin" }, { ...json, vary: "origin" }]);
      }
    }
    const refused = await t.refresh("x", "ownership");
    assert.equal(refused.headers.vary, "origin");
    for (const path of ["/ledger", "/health"]) assert.equal((await t.get(path, { headers: { origin: ORIGIN } })).headers["access-control-allow-origin"], undefined);
  },

  async "too long is refused before it is read, said or streamed"(t) {
    const long = JSON.stringify({ licence: "x".repeat(17_000) });
    for (const path of CALLS) {
      assert.equal((await t.post(path, long)).text, '{"error":"large"}');
      assert.equal((await t.send("POST", path, { body: [long.slice(0, 16_000), long.slice(16_000)] })).word, "413 large");
    }
    const most = JSON.stringify({ licence: "x", more: "" });
    assert.equal((await t.post("/unlock", most.replace('""', JSON.stringify("y".repeat(16 * 1024 - most.length))))).word, "404 unknown");
  },

  async "one thing asked for again and again has to wait, others do not"(t) {
    const code = newCode();
    const all = await Promise.all(Array.from({ length: 60 }, () => t.post("/unlock", { claim: code })));
    const waits = all.filter(({ word }) => word === "429 wait");
    assert.equal(all.filter(({ word }) => word === "202 pending").length + waits.length, 60);
    // Forty at once, and one more each second that this took.
    assert.ok(waits.length >= 1 && waits.length <= 20, String(waits.length));
    for (const got of waits) assert.deepEqual([got.text, got.headers["retry-after"]], ['{"error":"wait","retryAfter":1}', "1"]);
    assert.equal((await t.post("/unlock", { claim: newCode() })).word, "202 pending");
    await new Promise((done) => setTimeout(done, 1100));
    assert.equal((await t.post("/unlock", { claim: code })).word, "202 pending");
  },

  async "all who guess have a limit together; webhooks and good tokens pass, and what is looked up nowhere takes nothing"(t) {
    const bought = await t.bought({}, "test", test);
    const { token } = await t.open(bought, { at: "test" });
    for (const body of ["{", { token: "x", course: "ownership" }]) {
      const all = await Promise.all(Array.from({ length: 700 }, () => t.post("/refresh", body, { at: "test" })));
      assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([body === "{" ? 400 : 403]));
    }
    // Six hundred at once, and a hundred more each second: who cannot ask so fast sees no limit.
    let [got, asked] = [undefined, 0];
    const start = performance.now();
    for (; asked < 3000 && got?.word !== "429 wait"; asked += 50) {
      got = (await Promise.all(Array.from({ length: 50 }, () => t.post("/unlock", { claim: newCode() }, { at: "test" })))).find(({ word }) => word === "429 wait");
    }
    if (!got && asked < 1.3 * (600 + (performance.now() - start) / 10)) return "too slow";
    assert.deepEqual([got?.status, got?.text], [429, '{"error":"wait","retryAfter":1}']);
    assert.equal((await t.hook(test.paid(await t.buys()), { at: "test" })).word, "200 stored");
    assert.equal((await t.refresh(token, "ownership", "test")).status, 200);
    assert.equal((await t.get("/health", { at: "test" })).status, 200);
  },

  async "a store that fails is 503, and the next delivery is stored"(t) {
    if (!t.target.fail) return "-";
    const bought = await t.buys();
    t.target.fail(true);
    const [hooked, health, opened] = await Promise.all([t.hook(live.paid(bought)), t.get("/health"), t.open(bought)]);
    t.target.fail(false);
    assert.deepEqual([hooked.word, health.text, opened.word], ["503 unavailable", JSON.stringify({ key: true, mode: "live", site: SITE, status: "down", store: false, version: VERSION }), "503 unavailable"]);
    assert.equal(health.status, 503);
    assert.equal((await t.hook(live.paid(bought))).word, "200 stored");
    assert.equal((await t.open(bought)).status, 200);
  },
};
