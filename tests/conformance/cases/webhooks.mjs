// What providers send: verified, read, stored once.
import { existsSync, readFileSync } from "node:fs";

import { Shop, assert } from "../client.mjs";
import { sign } from "../shop.mjs";
import { PREVIOUS, SECRET, live, test } from "../world.mjs";

const MAX = 256 * 1024;
const FIXTURES = `${process.env.BOOKPLATE_FIXTURES ?? "../shared/fixtures"}/payments/lemon_squeezy/wire/`;

export default {
  async "numbers are whole and below 2^53, however they are written"(t) {
    const told = async (edit) => {
      const bought = await t.buys();
      const { event, body } = live.paid(bought);
      const { word } = await t.hook(live.envelope(event, edit(body, bought)));
      return word === "200 stored" ? ((await t.line(bought)) ?? "another order") : word;
    };
    for (const [written, total] of [["4900.0", 4900], ["49e2", 4900], ['"4900"', 4900], ['"+4900"', 4900], ["9007199254740991", 9007199254740991], ["9007199254740992", 0], ["1e300", 0], ['"9007199254740993"', 0], ['"4900.0"', 0], ["10.5", 0], ["true", 0]]) {
      const line = await told((body) => body.replace('"total":4900', `"total":${written}`));
      assert.equal(line.total, total, written);
    }
    for (const write of [(id) => id, (id) => `${id}.0`, (id) => `${id / 1e6}e6`, (id) => `"00${id}"`]) {
      const line = await told((body, { order }) => body.replace(`"id":"${order}"`, `"id":${write(order)}`));
      assert.equal(line.state, "active", String(write));
    }
    for (const id of ["9007199254740993", '"9007199254740993"', '"9223372036854775807"', "18446744073709551616", "-7", '"-7"', '"7000000.0"', "1e999", "null"]) {
      assert.equal(await told((body, { order }) => body.replace(`"id":"${order}"`, `"id":${id}`)), "400 malformed", id);
    }
  },

  async "a purchase is stored once, its repetition is a duplicate"(t) {
    const signed = live.paid(await t.buys());
    const [first, second] = [await t.hook(signed), await t.hook(signed)];
    assert.deepEqual([first.text, second.text], ['{"status":"stored"}', '{"status":"duplicate"}']);
    assert.equal(first.headers["content-type"], "application/json");
  },

  async "twenty duplicates at once are one fact"(t) {
    const bought = await t.buys();
    const all = await Promise.all(Array.from({ length: 20 }, () => t.hook(live.paid(bought))));
    assert.deepEqual(all.map(({ word }) => word).sort(), [...Array(19).fill("200 duplicate"), "200 stored"]);
    assert.equal((await t.open(bought)).status, 200);
  },

  async "different facts of one order at once are all kept"(t) {
    const bought = await t.buys({ quantity: 4 });
    const all = await Promise.all([live.paid(bought), ...[0, 1, 2, 3].map((copy) => live.licence(bought, copy)), live.refunded(bought, 100)].map((signed) => t.hook(signed)));
    assert.deepEqual(all.map(({ word }) => word), Array(6).fill("200 stored"));
    const { seats, refunded, state } = await t.line(bought);
    assert.deepEqual([seats, refunded, state], [4, 100, "active"]);
    assert.equal(new Set(await Promise.all([0, 1, 2, 3].map(async (copy) => (await t.licence(bought.key(copy))).keyring))).size, 4);
  },

  async "a repetition after the refund does not bring the order back"(t) {
    const bought = await t.buys();
    await t.stored("live", live.paid(bought), live.refunded(bought));
    assert.equal((await t.hook(live.paid(bought))).word, "200 duplicate");
    assert.equal((await t.hook(live.paid(bought, { at: bought.paid_at + 50 }))).word, "200 stored");
    assert.equal((await t.open(bought)).word, "403 refunded");
  },

  async "the refund before the purchase"(t) {
    const bought = await t.buys();
    await t.stored("live", live.refunded(bought), live.paid(bought));
    assert.equal((await t.open(bought)).word, "403 refunded");
  },

  async "both secrets of a rotation fit, and no other"(t) {
    const word = async (secret) => (await t.hook(new Shop(secret).paid(await t.buys()))).word;
    assert.deepEqual([await word(SECRET), await word(PREVIOUS), await word("another-secret"), await word("")], ["200 stored", "200 stored", "401 signature", "401 signature"]);
  },

  async "forged, truncated, long, upper-case, non-ASCII, missing and double signatures"(t) {
    const signed = live.paid(await t.buys());
    const right = signed.signature;
    const wrong = [right.replace(/^./, (c) => (c === "0" ? "1" : "0")), right.slice(1), right + "0", right.toUpperCase() + "", right.slice(2) + "\u00e9\u00e9", "0x" + right.slice(2), "", "f".repeat(64),
      [right, right], `${right}, ${right}`];
    for (const signature of wrong.filter((one) => one !== right)) {
      const got = await t.hook({ ...signed, signature });
      assert.deepEqual([got.status, got.text], [401, '{"error":"signature"}'], String(signature));
    }
    assert.equal((await t.send("POST", "/webhooks/lemon_squeezy", { body: signed.body })).word, "401 signature");
    assert.equal((await t.hook(signed)).word, "200 stored");
  },

  async "a body that was changed, cut or written anew"(t) {
    const signed = live.paid(await t.buys());
    const anew = JSON.stringify(JSON.parse(signed.body));
    assert.notEqual(anew, signed.body);
    for (const body of [anew, signed.body + " ", signed.body.slice(0, -1), signed.body.replace("4900", "4901"), ""]) {
      assert.equal((await t.hook({ ...signed, body })).word, "401 signature", body.slice(0, 40));
    }
  },

  async "recorded deliveries verify as they came"(t) {
    if (!existsSync(FIXTURES)) return "no fixtures";
    for (const [name, { x_signature }] of Object.entries(JSON.parse(readFileSync(FIXTURES + "SIGNATURES.json", "utf8")).fixtures)) {
      const body = readFileSync(`${FIXTURES}${name}.body`);
      const ours = { event: "x", body, signature: sign(SECRET, body) };
      const got = await t.hook(ours, { at: "test" });
      assert.match(got.word, /^200 (stored|ignored|duplicate)$/, name);
      assert.equal((await t.hook({ ...ours, signature: x_signature }, { at: "test" })).word, "401 signature", name);
      const ignored = /unknown|live_mode/.test(name);
      if (ignored || /^order_(created|refunded)/.test(name)) assert.equal(got.word === "200 ignored", ignored, name);
    }
  },

  async "signed, but not an event"(t) {
    for (const body of ["", "{", "[]", "null", '"x"', "[".repeat(300), '{"meta":{"event_name":7}}', '{"meta":{"event_name":"order_created"}}', '{"meta":null}', "\ufeff{}"]) {
      const got = await t.hook(live.envelope("order_created", body));
      assert.deepEqual([got.status, got.text], [400, '{"error":"malformed"}'], body.slice(0, 30));
    }
    const bytes = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]);
    assert.equal((await t.hook({ event: "x", body: bytes, signature: sign(SECRET, bytes) })).word, "400 malformed");
  },

  async "strange types are no reason to lose a purchase"(t) {
    const bought = await t.buys();
    const more = { order_number: String(bought.number), tax_name: 7, user_name: null, currency: 7, total: "4900", refunded: null, refunded_amount: "0", store_id: "10001", tax_rate: null };
    await t.stored("live", live.paid(bought, more));
    assert.equal((await t.open(bought)).json.display, `order …${String(bought.number).slice(-4)}`);
  },

  async "other shops, products, modes and events are answered 200 and ignored"(t) {
    const bought = await t.buys();
    const other = new Shop(SECRET, { store: 10002 });
    const all = [live.signed("subscription_plan_changed", "subscriptions", 1, {}), live.signed("affiliate_activated", "affiliates", 1, {}), test.paid(bought), test.licence(bought),
      other.paid(bought), other.licence(bought), live.paid({ ...bought, product: 49999 })];
    for (const signed of all) assert.equal((await t.hook(signed)).text, '{"status":"ignored"}', signed.event);
    assert.equal(await t.line(bought), undefined);
  },

  async "a test endpoint takes test orders and no real ones"(t) {
    const bought = await t.buys();
    assert.equal((await t.hook(live.paid(bought), { at: "test" })).word, "200 ignored");
    assert.equal((await t.hook(test.paid(bought), { at: "test" })).word, "200 stored");
    assert.equal((await t.open(bought, { at: "test" })).status, 200);
  },

  async "an unconfigured provider is 404, whatever is sent"(t) {
    const signed = live.paid(await t.buys());
    for (const got of [await t.hook(signed, { at: "bare" }), await t.hook({ ...signed, signature: "" }, { at: "bare" }), await t.post("/webhooks/stripe", {}), await t.post("/webhooks/", {}),
      await t.post("/webhooks", {}), await t.post("/webhooks/lemon_squeezy/more", {})]) assert.deepEqual([got.status, got.text], [404, '{"error":"unknown"}']);
  },

  async "too long is 413, said or streamed; the longest that fits is read"(t) {
    const long = " ".repeat(MAX + 1);
    const signed = { event: "x", signature: sign(SECRET, long) };
    for (const body of [long, [long.slice(0, MAX), " "]]) assert.equal((await t.hook({ ...signed, body })).word, "413 large");
    const most = long.slice(1);
    assert.equal((await t.hook({ event: "x", signature: sign(SECRET, most), body: most })).word, "400 malformed");
  },
};
