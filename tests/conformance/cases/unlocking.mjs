// Claims and licence keys become tokens and keyrings.
import { keyringFile } from "../../js/reference.mjs";
import { claimHash, newCode } from "../../../src/web/protocol.js";
import { assert } from "../client.mjs";
import { BUNDLE, iso } from "../shop.mjs";
import { KEY, SITE, live } from "../world.mjs";

const PENDING = '{"retryAfter":3,"status":"pending"}';
const now = () => Math.floor(Date.now() / 1000);
const last = ({ number }) => String(number).slice(-4);

/** What a copy's keyring must be, by the second writing of the specification. */
const right = ({ order }, course, { seat = 0, epoch = 1, params = course === "moving" ? "4.64.1" : "2.2048.1", display }) =>
  Buffer.from(keyringFile({ site_key: KEY.toString("hex"), provider: "lemon_squeezy", order_id: String(order), seat, display }, { site: SITE, course, epoch, params }).bytes).toString("base64");

export { right };

const gone = (t, got, what) => {
  assert.deepEqual([got.status, got.text, got.headers["retry-after"]], [202, PENDING, "3"], what);
};

export default {
  async "claim and reference open the course, with the right keyring"(t) {
    const bought = await t.bought();
    const { json, text, headers } = await t.open(bought);
    const display = `order …${last(bought)}, T. B.`;
    assert.deepEqual([json.courses, json.display, json.course, json.epoch], [[{ course: "ownership", epoch: 1 }], display, "ownership", 1]);
    assert.equal(json.keyring, right(bought, "ownership", { display }));
    assert.match(json.token, /^bookplate_token_v1_[\w-]+$/);
    assert.equal(text, JSON.stringify({ token: json.token, courses: json.courses, display, course: "ownership", epoch: 1, keyring: json.keyring }));
    assert.equal(headers["content-type"], "application/json");
  },

  async "typed forms of code and reference are forgiven"(t) {
    const bought = await t.bought();
    const body = { claim: bought.code.toLowerCase().replaceAll("-", " "), order: ` ${bought.reference.toUpperCase()} ` };
    assert.equal((await t.post("/unlock", body)).status, 200);
  },

  async "unknown, malformed, unpaid and wrong claims get the same bytes"(t) {
    const [bought, begun] = [await t.bought(), await t.buys()];
    await t.stored("live", live.pending(begun));
    const { code, reference } = bought;
    const typo = (code[0] === "0" ? "1" : "0") + code.slice(1);
    for (const body of [{ claim: code }, { claim: code, order: "" }, { claim: code, order: begun.reference }, { claim: code, order: String(bought.order) },
      { claim: code, order: String(bought.number) }, { claim: newCode(), order: reference }, { claim: begun.code, order: begun.reference }, { claim: typo, order: reference },
      { claim: "hello", order: reference }, { claim: "", order: reference }, { claim: await claimHash(code, SITE), order: reference }, { claim: "\u202e", order: "\u0000" }]) {
      gone(t, await t.post("/unlock", body), JSON.stringify(body));
    }
    assert.equal((await t.open(bought)).status, 200);
  },

  async "the first paid order that names a claim has it (claim fixation)"(t) {
    const victim = await t.bought();
    const stranger = await t.bought({ claim: victim.claim });
    gone(t, await t.open({ code: victim.code, reference: stranger.reference }), "the stranger's reference");
    assert.equal((await t.open(victim)).json.display, `order …${last(victim)}, T. B.`);
    // What was only begun reserves nothing.
    const begun = await t.buys();
    const payer = await t.buys({ claim: begun.claim });
    await t.stored("live", live.pending(begun), live.paid(payer));
    assert.equal((await t.open({ code: begun.code, reference: payer.reference })).status, 200);
    gone(t, await t.open(begun), "begun");
  },

  async "two unlocks of one claim at once, and twenty devices at once"(t) {
    const bought = await t.bought();
    const two = await Promise.all(["a", "b"].map((device) => t.open(bought, { device })));
    assert.deepEqual(two.map(({ status }) => status), [200, 200]);
    assert.equal(two[0].keyring, two[1].keyring);
    assert.notEqual(two[0].token, two[1].token);
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => t.open(bought, { device: `c${i}` })));
    assert.deepEqual(many.map(({ status }) => status), Array(20).fill(200));
    assert.equal((await t.devices(two[0].token)).json.devices.length, 22);
  },

  async "unlocks that race with their webhook wait, and then open"(t) {
    const bought = await t.buys();
    const all = await Promise.all([t.open(bought), t.hook(live.paid(bought)), t.open(bought), t.open(bought)]);
    assert.equal(all[1].word, "200 stored");
    for (const { status } of [all[0], all[2], all[3]]) assert.ok(status === 200 || status === 202, String(status));
    assert.equal((await t.open(bought)).status, 200);
  },

  async "courses follow from products, never from the request or custom data"(t) {
    const bought = await t.bought();
    const other = await t.open(bought, { course: "moving" });
    assert.deepEqual([other.status, other.json.courses, Object.keys(other.json)], [200, [{ course: "ownership", epoch: 1 }], ["token", "courses", "display"]]);
    const bundle = await t.buys({ product: BUNDLE });
    await t.stored("live", live.paid(bundle), live.licence(bundle));
    const got = await t.licence(bundle.key(), { course: "moving" });
    assert.deepEqual(got.json.courses, [{ course: "ownership", epoch: 1 }, { course: "moving", epoch: 1 }]);
    assert.equal(got.keyring, right(bundle, "moving", { display: got.json.display }));
  },

  async "a licence key opens, whichever webhook came first, however it is typed"(t) {
    for (const reverse of [false, true]) {
      const bought = await t.buys();
      const both = [live.paid(bought), live.licence(bought)];
      await t.stored("live", ...(reverse ? both.reverse() : both));
      const key = bought.key();
      for (const typed of [key, ` ${key.toLowerCase()} `, key.replaceAll("-", " "), key.replaceAll("-", "\u2013"), key.replaceAll("-", "")]) {
        assert.equal((await t.licence(typed)).keyring, (await t.open(bought)).keyring, typed);
      }
    }
  },

  async "each seat has its own copy"(t) {
    const bought = await t.buys({ quantity: 3 });
    await t.stored("live", live.paid(bought), ...[2, 0, 1].map((copy) => live.licence(bought, copy)));
    for (const seat of [0, 1, 2]) {
      const { keyring, json, token } = await t.licence(bought.key(seat));
      assert.equal(keyring, right(bought, "ownership", { seat, display: json.display }));
      assert.equal((await t.refresh(token)).keyring, keyring);
    }
    assert.equal((await t.open(bought)).keyring, (await t.licence(bought.key(0))).keyring);
  },

  async "a closed order says why; a partial refund closes nothing"(t) {
    const closed = async (...all) => {
      const bought = await t.bought();
      await t.stored("live", ...all.map((make) => make(bought)));
      return (await t.open(bought)).word;
    };
    assert.equal(await closed((b) => live.refunded(b)), "403 refunded");
    assert.equal(await closed((b) => live.refunded(b, 1500)), "200 -");
    assert.equal(await closed((b) => live.refunded(b, 1500), (b) => live.refunded(b, 4900, b.paid_at + 50)), "403 refunded");
    assert.equal(await closed((b) => live.fraudulent(b)), "403 refunded");
    assert.equal(await closed((b) => live.licence(b, 0, { expires_at: now() - 5 })), "403 expired");
    assert.equal(await closed((b) => live.licence(b, 0, { expires_at: now() + 500 })), "200 -");
  },

  async "a key ends on its second"(t) {
    const bought = await t.bought();
    const end = now() + 4;
    await t.stored("live", live.licence(bought, 0, { expires_at: end }));
    const { token } = await t.licence(bought.key());
    await new Promise((done) => setTimeout(done, end * 1000 - Date.now() + 50));
    assert.deepEqual([(await t.licence(bought.key())).word, (await t.refresh(token)).word], ["403 expired", "403 expired"]);
  },

  async "a free order opens, an unpaid one does not"(t) {
    const free = await t.bought({ total: 0 });
    assert.equal((await t.open(free)).status, 200);
  },

  async "names become initials, and a stranger's line is harmless"(t) {
    for (const [name, display] of [["\u738b\u5c0f\u660e", "\u738b"], ["jos\u00e9 \u00e1lvarez", "J. \u00c1."], ["\u202eevil <b>", "E. B."], ["12 34", ""], [null, ""]]) {
      const bought = await t.bought({ name });
      const got = await t.open(bought);
      assert.equal(got.json.display, `order …${last(bought)}${display && ", " + display}`);
      assert.equal(got.keyring, right(bought, "ownership", got.json));
    }
  },

  async "what is no request is 400"(t) {
    const long = "x".repeat(257);
    const id = "a\nb";
    for (const body of ["", "{", "null", "[]", "{}", '"x"', "[".repeat(2000), { order: "x" }, { claim: "x", licence: "x" }, { claim: 7 }, { claim: long }, { licence: long }, { licence: "\u00e9".repeat(129) },
      { claim: "x", order: long }, { claim: "x", course: "" }, { claim: "x", course: id }, { claim: "x", course: "e\u0301" }, { claim: "x", device: "x".repeat(65) }, { claim: "x", device: 1 }, { claim: ["x"] },
      { claim: null, licence: null }]) {
      const got = await t.post("/unlock", body);
      assert.deepEqual([got.status, got.text], [400, '{"error":"malformed"}'], JSON.stringify(body).slice(0, 50));
    }
    assert.equal((await t.post("/unlock", { claim: null, licence: "x", order: null, course: null, device: null })).word, "404 unknown");
  },

  async "JSON is as strict everywhere, and of a member that comes twice the last one counts"(t) {
    const nested = (n) => "[".repeat(n) + "]".repeat(n);
    const bad = ['"\\ud800"', '"\\udc00x"', "1e999", "-1e999", nested(127), nested(3000), "01", "1.", "NaN", '"\\x"', '"\n"', "{\"\\ud83d\":1}"];
    for (const more of bad) assert.equal((await t.post("/unlock", `{"licence":"x","more":${more}}`)).word, "400 malformed", more.slice(0, 20));
    for (const body of ['\ufeff{"licence":"x"}', '{"licence":"x"} x', '{"licence":"x",}', '[null,null,"x",null,null]', '{"licence":"x","licence":7}']) assert.equal((await t.post("/unlock", body)).word, "400 malformed", body);
    for (const more of ['"\\ud83d\\ude00"', "1e-999", "12345678901234567890123", nested(126), '{"__proto__":{"claim":"y"}}', '"\\u0000"']) assert.equal((await t.post("/unlock", `{"licence":"x","more":${more}}`)).word, "404 unknown", more.slice(0, 20));
    for (const body of ['{"licence":7,"licence":"x"}', '{"claim":"x","licence":"x","claim":null}', '{"licence":"x","__proto__":{"claim":"y"}}', ' \n{"licence":"x"}\r\t']) assert.equal((await t.post("/unlock", body)).word, "404 unknown", body);
    for (const more of bad) {
      const { event, body } = live.paid(await t.buys());
      assert.equal((await t.hook(live.envelope(event, body.replace('"currency":', `"more":${more},"currency":`)))).word, "400 malformed", more.slice(0, 20));
    }
    const twice = await t.buys();
    const { event, body } = live.paid(twice);
    assert.equal((await t.hook(live.envelope(event, body.replace('"claim":', `"claim":"${"0".repeat(64)}","claim":`)))).word, "200 stored");
    assert.equal((await t.open(twice)).status, 200);
  },

  async "times with fractions and zones are read"(t) {
    const bought = await t.buys();
    await t.stored("live", live.paid(bought, { created_at: "2026-03-02T11:00:00.123456+01:00", updated_at: iso(bought.paid_at, 5) }));
    assert.equal((await t.line(bought)).paid_at, 1772445600);
  },
};
