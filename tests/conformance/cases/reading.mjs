// Devices that were let in: refreshing, epochs, listing, locking; the author's ledger.
import { createHmac } from "node:crypto";

import { derive } from "../../js/reference.mjs";
import { assert } from "../client.mjs";
import { BUNDLE } from "../shop.mjs";
import { ADMIN, KEY, SITE, live } from "../world.mjs";
import { right } from "./unlocking.mjs";

const PREFIX = "bookplate_token_v1_";
const now = () => Math.floor(Date.now() / 1000);

/** A token that says what it is told to, signed under a key. */
function token({ site = SITE, order, provider = "lemon_squeezy", seat = 0, issued = now(), expires = issued + 400 * 86400, signedBy = KEY, cut = 0 }) {
  const short = (text) => Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)]);
  const numbers = Buffer.alloc(20);
  numbers.writeUInt32BE(seat, 0);
  numbers.writeBigUInt64BE(BigInt(issued), 4);
  numbers.writeBigUInt64BE(BigInt(expires), 12);
  const whole = Buffer.concat([short(site), Buffer.alloc(16, 3), short(provider), short(String(order)), numbers]);
  const fields = whole.subarray(0, whole.length - cut);
  const mac = createHmac("sha256", derive(signedBy, "token", SITE)).update(PREFIX).update(fields).digest();
  return PREFIX + Buffer.concat([fields, mac]).toString("base64url");
}

export default {
  async "a token gets keyrings until the refund"(t) {
    const bought = await t.bought();
    const first = await t.open(bought);
    const again = await t.refresh(first.token);
    assert.deepEqual([again.status, again.keyring, Object.keys(again.json)], [200, first.keyring, ["courses", "display", "course", "epoch", "keyring"]]);
    assert.equal((await t.refresh(first.token, "moving")).word, "403 course");
    assert.equal((await t.refresh(first.token, "nothing")).word, "403 course");
    await t.stored("live", live.refunded(bought));
    assert.equal((await t.refresh(first.token)).word, "403 refunded");
    assert.equal((await t.devices(first.token)).word, "403 refunded");
  },

  async "a token of the second writing is good, an old one is renewed"(t) {
    const bought = await t.bought();
    assert.equal((await t.refresh(token(bought))).status, 200);
    const old = await t.refresh(token({ ...bought, issued: now() - 201 * 86400 }));
    assert.equal((await t.refresh(old.token)).status, 200);
    assert.equal((await t.refresh(token({ ...bought, issued: now() - 199 * 86400 }))).json.token, undefined);
    assert.equal((await t.refresh(token({ ...bought, issued: now() + 200 }))).status, 200);
  },

  async "unknown, malformed, foreign, early and expired tokens get the same bytes"(t) {
    const bought = await t.bought();
    const good = token(bought);
    const bad = ["", "x", PREFIX, good.slice(0, 40), good.slice(0, -1) + (good.endsWith("A") ? "B" : "A"), good + "=", good + "A", good + "\n", " " + good, "x".repeat(10_000),
      token({ ...bought, signedBy: Buffer.alloc(32, 8) }), token({ ...bought, site: "other" }), token({ ...bought, issued: now() - 401 * 86400 }), token({ ...bought, issued: now() + 400 }),
      token({ ...bought, cut: 1 }), token({ ...bought, provider: "" }), token({ ...bought, order: "" }), PREFIX + "\u00e9".repeat(60)];
    for (const one of bad) {
      for (const got of [await t.refresh(one), await t.devices(one)]) assert.deepEqual([got.status, got.text], [403, '{"error":"token"}'], one.slice(0, 60));
    }
    for (const body of [{}, { token: 7, course: "x" }, { token: "x" }, { token: "x", course: "" }, { token: null, course: "x" }, [], "{"]) assert.equal((await t.post("/refresh", body)).word, "400 malformed");
    for (const body of [{}, { token: "x", do: "burn" }, { token: "x", do: null }, { token: "x", do: 7 }, [], "{"]) assert.equal((await t.post("/devices", body)).word, "400 malformed");
  },

  async "a good token of an order that the store has lost closes nothing"(t) {
    const got = await t.refresh(token({ order: 999 }));
    assert.deepEqual([got.word, got.headers["retry-after"], got.json.retryAfter], ["503 unavailable", "10", 10]);
  },

  async "the newest epoch is served; a request names none, and future ones cannot be had"(t) {
    const bought = await t.buys({ product: BUNDLE });
    await t.stored("live", live.paid(bought));
    const first = await t.open(bought);
    for (const epoch of [2, 3, "2", [2]]) {
      for (const got of [await t.open(bought, { epoch }), await t.refresh(first.token, "ownership", "live", { epoch })]) {
        assert.deepEqual([got.json.epoch, got.keyring, got.json.former], [1, first.keyring, undefined]);
      }
    }
    const next = await t.refresh(first.token, "moving", "rotating", { epoch: 1 });
    const { display } = next.json;
    assert.deepEqual([next.json.epoch, next.json.courses], [2, [{ course: "ownership", epoch: 2 }, { course: "moving", epoch: 2 }]]);
    assert.deepEqual([next.keyring, next.json.former], [2, 1].map((epoch) => right(bought, "moving", { epoch, display })));
    await t.stored("live", live.refunded(bought));
    assert.equal((await t.refresh(first.token, "moving", "rotating")).word, "403 refunded");
  },

  async "devices are listed, cleared, and locked out"(t) {
    const bought = await t.bought();
    const first = (await t.open(bought, { device: "00" })).token;
    await new Promise((done) => setTimeout(done, 1100));
    const second = (await t.open(bought, { device: "11" })).token;
    const list = await t.devices(second, "list");
    assert.deepEqual(list.json.devices.map((device) => device.this), [true, false]);
    assert.equal(list.text, JSON.stringify({ devices: list.json.devices.map(({ first, last, this: own }) => ({ first, last, this: own })) }));
    assert.deepEqual((await t.devices(second)).json.devices, list.json.devices);
    const locked = await t.devices(second, "lock");
    assert.deepEqual([locked.json.devices.length, Object.keys(locked.json)], [1, ["devices", "token"]]);
    for (const [one, word] of [[first, "403 locked"], [second, "403 locked"], [locked.token, "200 -"]]) assert.equal((await t.refresh(one)).word, word);
    await new Promise((done) => setTimeout(done, 1100));
    const back = (await t.open(bought, { device: "00" })).token;
    assert.equal((await t.refresh(back)).status, 200);
    assert.equal((await t.devices(back, "clear")).json.devices.length, 1);
    assert.equal((await t.refresh(locked.token)).status, 200);
  },

  async "the thirty-first new device waits, a known one does not, clearing changes nothing"(t) {
    const bought = await t.bought();
    let token;
    for (let n = 0; n < 30; n++) ({ token } = await t.open(bought, { device: `d${n}` }));
    await t.devices(token, "clear");
    const got = await t.open(bought, { device: "one more" });
    assert.deepEqual([got.word, got.headers["retry-after"]], ["429 devices", String(got.json.retryAfter)]);
    assert.ok(Math.abs(got.json.retryAfter - 30 * 86400) < 120, got.text);
    assert.equal((await t.open(bought, { device: "d29" })).status, 200);
    assert.equal((await t.line(bought)).devices_30d, 30);
  },

  async "each copy of an order has its own devices, its own lock and its own patience"(t) {
    const bought = await t.buys({ quantity: 2 });
    await t.stored("live", live.paid(bought), live.licence(bought, 0), live.licence(bought, 1));
    const [one, other] = await Promise.all([0, 1].map((seat) => t.licence(bought.key(seat), { device: "same" })));
    for (const { token } of [one, other]) assert.equal((await t.devices(token)).json.devices.length, 1);
    assert.equal((await t.line(bought)).devices_30d, 2);
    const locked = await t.devices(one.token, "lock");
    assert.deepEqual([(await t.refresh(one.token)).word, (await t.refresh(other.token)).status, (await t.refresh(locked.token)).status], ["403 locked", 200, 200]);
    const again = await t.devices(other.token, "lock");
    assert.deepEqual([(await t.refresh(other.token)).word, (await t.refresh(again.token)).status, (await t.refresh(locked.token)).status], ["403 locked", 200, 200]);
    // The second of the lock passes, and the limit of one key's calls.
    await new Promise((done) => setTimeout(done, 1100));
    for (let n = 0; n < 29; n++) await t.licence(bought.key(0), { device: `d${n}` });
    assert.equal((await t.licence(bought.key(0), { device: "one more" })).word, "429 devices");
    assert.equal((await t.licence(bought.key(1), { device: "one more" })).status, 200);
    const words = (await Promise.all(Array.from({ length: 80 }, () => t.devices(locked.token)))).map(({ word }) => word);
    assert.deepEqual([words.includes("429 wait"), (await t.devices(again.token)).status], [true, 200]);
  },

  async "the ledger has a line for each order"(t) {
    const bought = await t.bought({ quantity: 2 });
    await t.open(bought);
    const line = { order: `lemon_squeezy:${bought.order}`, state: "active", seats: 2, courses: ["ownership"], product: 40001, variant: 50001, number: String(bought.number),
      display: `order …${String(bought.number).slice(-4)}, T. B.`, currency: "USD", total: 4900, refunded: 0, paid_at: bought.paid_at, expires_at: null, ended_at: null, devices_30d: 1 };
    assert.deepEqual(Object.entries(await t.line(bought)), Object.entries(line));
    await t.stored("live", live.refunded(bought));
    assert.deepEqual(await t.line(bought), { ...line, state: "refunded", refunded: 4900, ended_at: bought.paid_at + 30 });
    const begun = await t.buys();
    await t.stored("live", live.pending(begun));
    const { state, number, paid_at } = await t.line(begun);
    assert.deepEqual([state, number, paid_at], ["pending", null, 0]);
    const got = await t.get("/ledger", { headers: { authorization: `Bearer ${ADMIN}` } });
    assert.equal(got.headers["content-type"], "application/x-ndjson");
  },

  async "an empty ledger is empty"(t) {
    const got = await t.get("/ledger", { at: "empty", headers: { authorization: `Bearer ${ADMIN}` } });
    assert.deepEqual([got.status, got.text], [200, ""]);
  },

  async "nobody else reads the ledger"(t) {
    for (const authorization of ["", "Bearer", "Bearer ", "Bearer x", ADMIN, `bearer ${ADMIN}`, `Bearer ${ADMIN}x`, `Bearer  ${ADMIN}`, `Bearer ${ADMIN.slice(1)}`]) {
      const got = await t.get("/ledger", { headers: { authorization } });
      assert.deepEqual([got.status, got.text], [401, '{"error":"signature"}'], authorization);
    }
    assert.equal((await t.get(`/ledger?token=${ADMIN}`)).word, "401 signature");
    for (const authorization of ["Bearer ", "Bearer undefined", `Bearer ${ADMIN}`]) assert.equal((await t.get("/ledger", { at: "bare", headers: { authorization } })).word, "401 signature");
  },
};
