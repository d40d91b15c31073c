// The author's call: facts read, told and forgotten from elsewhere.
import { claimHash, newCode } from "../../../src/web/protocol.js";
import { assert } from "../client.mjs";
import { ADMIN, ORIGIN, SITE, live } from "../world.mjs";

const now = () => Math.floor(Date.now() / 1000);
const orderOf = ({ order }) => `lemon_squeezy:${order}`;
const query = (order) => `/facts?order=${encodeURIComponent(order)}`;
const words = (order, ...kinds) => kinds.map((kind, n) => JSON.stringify({ order, at: now() + n, kind }) + "\n").join("");

/** Asks with the admin token. */
const ask = (t, method, path, { body, at, headers = {} } = {}) => t.send(method, path, { at, body, headers: { authorization: `Bearer ${ADMIN}`, ...headers } });
const facts = async (t, path, at) => {
  const got = await ask(t, "GET", path, { at });
  assert.deepEqual([got.status, got.headers["content-type"], got.headers["cache-control"]], [200, "application/x-ndjson", "no-store"]);
  return got.text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
};
const told = async (t, body) => {
  const got = await ask(t, "POST", "/facts", { body });
  return got.status === 200 ? got.json.inserted : got.word;
};

export default {
  async "the author reads facts and tells them"(t) {
    const bought = await t.bought();
    const order = orderOf(bought);
    const { token } = await t.open(bought);
    const [paid, ...more] = await facts(t, query(order));
    assert.deepEqual([paid.order, paid.kind, paid.status, more.length], [order, "order", "paid", 0]);
    assert.deepEqual(await facts(t, query("manual:nobody")), []);
    assert.ok((await facts(t, "/facts")).some((fact) => fact.order === order));
    const revoked = words(order, "revoked");
    assert.deepEqual(await told(t, revoked), ["new"]);
    assert.equal((await t.refresh(token)).word, "403 revoked");
    assert.deepEqual(await told(t, `\n${revoked.trim()}\r\n \t\r\n${words(order, "pending", "restored").split("\n")[1]}`), ["known", "new"]);
    assert.equal((await t.refresh(token)).status, 200);
    assert.deepEqual([await told(t, ""), (await facts(t, query(order))).length], [[], 3]);
    const head = await ask(t, "HEAD", "/facts");
    assert.deepEqual([head.status, head.text, head.headers["content-type"]], [200, "", "application/x-ndjson"]);
  },

  async "a fact is the same fact whoever tells it, and in whatever order of members"(t) {
    const bought = await t.buys({ quantity: 2 });
    await t.stored("live", live.paid(bought), live.licence(bought), live.refunded(bought, 100), live.subscription(bought, "paused", 9, { pause: { mode: "free", resumes_at: null } }));
    const all = await facts(t, query(orderOf(bought)));
    assert.equal(all.length, 4);
    const turned = (value) => (value?.constructor === Object ? Object.fromEntries(Object.entries(value).reverse().map(([name, inside]) => [name, turned(inside)])) : value);
    for (const form of [all, all.map(turned)]) assert.deepEqual(await told(t, form.map((fact) => JSON.stringify(fact)).join("\n")), all.map(() => "known"));
    assert.equal((await t.hook(live.paid(bought))).word, "200 duplicate");
  },

  async "a copy that the author gives opens with its code"(t) {
    const [code, order] = [newCode(), `manual:${crypto.randomUUID()}`];
    const granted = { order, at: now(), kind: "granted", courses: ["moving"], seats: 2, reason: "gift", initials: "A. B.", claim: await claimHash(code, SITE) };
    assert.deepEqual(await told(t, JSON.stringify(granted)), ["new"]);
    const got = await t.post("/unlock", { claim: code, order: order.slice(7), device: "00" });
    assert.deepEqual([got.status, got.json.courses], [200, [{ course: "moving", epoch: 1 }]]);
    assert.deepEqual((await facts(t, query(order))), [granted]);
    // What no fact has is dropped.
    assert.deepEqual(await told(t, JSON.stringify({ ...granted, email: "buyer@example.com" })), ["known"]);
    assert.deepEqual((await facts(t, query(order))), [granted]);
  },

  async "an order is forgotten, and one that never was is not"(t) {
    const bought = await t.buys();
    const path = query(orderOf(bought));
    const forget = async () => (await ask(t, "DELETE", path)).text;
    assert.equal(await forget(), '{"deleted":false}');
    await t.stored("live", live.paid(bought), live.licence(bought));
    const { token } = await t.open(bought);
    assert.equal(await forget(), '{"deleted":true}');
    assert.equal(await forget(), '{"deleted":false}');
    assert.equal((await t.refresh(token)).word, "403 revoked");
    assert.equal((await t.open(bought)).word, "202 pending");
    assert.equal((await t.hook(live.refunded(bought))).word, "200 ignored");
    assert.deepEqual(await told(t, words(orderOf(bought), "restored")), ["forgotten"]);
    assert.deepEqual([await facts(t, path), await t.line(bought)], [[], undefined]);
    // Its names are free.
    const again = { ...(await t.buys()), claim: bought.claim };
    await t.stored("live", live.paid(again));
    assert.equal((await t.open({ ...again, code: bought.code })).status, 200);
    if (t.target.stored) assert.ok(!t.target.stored().includes(`site:bookplate-a\nd/${orderOf(bought)}`));
  },

  async "forgetting while webhooks come leaves nothing"(t) {
    const bought = await t.buys();
    await t.stored("live", live.paid(bought));
    const cents = Array.from({ length: 12 }, (_, n) => n + 1);
    const hooks = (some) => some.map((n) => t.hook(live.refunded(bought, n, bought.paid_at + n)));
    const all = await Promise.all([...hooks(cents.slice(0, 6)), ask(t, "DELETE", query(orderOf(bought))), ...hooks(cents.slice(6))]);
    for (const got of all) assert.equal(got.status, 200, got.text);
    assert.deepEqual(await facts(t, query(orderOf(bought))), []);
    for (const got of await Promise.all(hooks(cents))) assert.equal(got.word, "200 ignored");
  },

  async "one bad line and nothing is stored"(t) {
    const order = `manual:${crypto.randomUUID()}`;
    const good = words(order, "revoked");
    for (const bad of ["{}", "null", "[1]", "7", '{"order":"x","at":1,"kind":"revoked"}', `{"order":"${order}","at":1,"kind":"other"}`, `{"order":"${order}","at":-1,"kind":"revoked"}`, `{"order":"${order}","at":"1","kind":"revoked"}`,
      `{"order":"${order}","kind":"revoked"}`, `{"order":"${order}","at":1,"kind":"licence"}`, `{"order":"${order}","at":1,"kind":"granted"}`, '{"order":"UPPER:1","at":1,"kind":"revoked"}', '{"order":"manual:","at":1,"kind":"revoked"}', "\u000b", good.trim() + good.trim(), "{"]) {
      assert.equal(await told(t, `${good}${bad}\n`), "400 malformed", bad);
    }
    const given = { order, at: 1, kind: "granted", courses: ["moving"], seats: 1, reason: "gift" };
    const shown = { order, at: 1, kind: "order", status: "paid", store: 10001, product: 40001, quantity: 1 };
    const key = { order, at: 1, kind: "licence", licence: "1", key: "0".repeat(64) };
    for (const bad of [{ ...given, seats: 0 }, { ...given, seats: -1 }, { ...given, seats: 10001 }, { ...given, seats: 2 ** 32 }, { ...given, seats: 1.5 }, { ...given, seats: "1" }, { ...given, reason: "because" },
      { ...given, courses: [""] }, { ...given, courses: "moving" }, { ...given, courses: ["a\nb"] }, { ...given, claim: "ab" }, { ...given, claim: "AB".repeat(32) }, { ...given, initials: "A\u001bB" },
      { ...given, initials: "a whole name of somebody" }, { ...given, at: 2 ** 53 }, { ...shown, status: "other" }, { ...shown, quantity: 0 }, { ...shown, paid_at: -1 }, { ...shown, total: 2 ** 53 }, { ...shown, store: -1 },
      { ...shown, number: "" }, { ...shown, number: "1".repeat(129) }, { ...shown, reference: "x" }, { ...key, key: "0".repeat(63) }, { ...key, licence: "" }, { ...key, status: "on" }, { ...key, expires_at: "1" }]) {
      assert.equal(await told(t, `${good}${JSON.stringify(bad)}\n`), "400 malformed", JSON.stringify(bad));
    }
    assert.equal(await told(t, Buffer.concat([Buffer.from(good), Buffer.of(255)])), "400 malformed");
    assert.equal(await told(t, good.repeat(1001)), "413 large");
    assert.equal(await told(t, " ".repeat(256 * 1024 + 1)), "413 large");
    assert.deepEqual(await facts(t, query(order)), []);
    const most = good.repeat(2) + "\n".repeat(256 * 1024 - 2 * good.length);
    assert.deepEqual(await told(t, most), ["new", "known"]);
    for (const path of ["/facts?order", "/facts?or%64er=x", "/facts?order=", "/facts?order=7000042", "/facts?order=a%ff:b", "/facts?order=a:b&order=a:c", "/facts?order=a%3ab%07c"]) {
      for (const method of ["GET", "DELETE"]) assert.equal((await ask(t, method, path)).word, "400 malformed", `${method} ${path}`);
    }
    assert.equal((await ask(t, "DELETE", "/facts")).word, "400 malformed");
  },

  async "nobody else reads or tells facts"(t) {
    const order = `manual:${crypto.randomUUID()}`;
    for (const method of ["GET", "HEAD", "POST", "DELETE"]) {
      for (const authorization of ["", "Bearer ", "Bearer x", ADMIN]) {
        const got = await t.send(method, query(order), { headers: { authorization }, body: method === "POST" ? words(order, "revoked") : undefined });
        assert.deepEqual([got.status, got.text], [401, method === "HEAD" ? "" : '{"error":"signature"}']);
      }
      assert.equal((await ask(t, method, query(order), { at: "bare" })).status, 401);
    }
    assert.deepEqual(await facts(t, query(order)), []);
    for (const method of ["PUT", "OPTIONS"]) {
      const got = await ask(t, method, "/facts", { headers: { origin: ORIGIN } });
      assert.deepEqual([got.word, got.headers.allow, got.headers["access-control-allow-origin"]], ["405 method", "GET,HEAD,POST,DELETE", undefined]);
    }
    assert.equal((await ask(t, "GET", "/facts", { headers: { origin: ORIGIN } })).headers["access-control-allow-origin"], undefined);
    assert.deepEqual(await facts(t, "/facts", "empty"), []);
  },

  async "a store that fails answers the author 503"(t) {
    if (!t.target.fail) return "-";
    t.target.fail(true);
    const all = await Promise.all([["GET"], ["POST", words("manual:x", "revoked")], ["DELETE"]].map(([method, body]) => ask(t, method, query("manual:x"), { body })));
    t.target.fail(false);
    assert.deepEqual(all.map(({ word }) => word), all.map(() => "503 unavailable"));
  },
};
