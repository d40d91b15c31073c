// Lost webhooks, and a provider that has its own troubles. A store of its own, for the budget of calls is shared.
import { existsSync, readFileSync } from "node:fs";

import { Shop, assert } from "../client.mjs";
import { UNKNOWN } from "../shop.mjs";
import { SECRET, live, test } from "../world.mjs";

const FIXTURES = `${process.env.BOOKPLATE_FIXTURES ?? "../shared/fixtures"}/payments/lemon_squeezy/license_api/`;
/** A purchase whose webhooks were lost; the provider says of its key what it is told to. */
const lost = async (t, says, more) => {
  const bought = await t.buys(more);
  t.provider.says.set(bought.key(), typeof says === "function" ? says(bought) : says);
  return bought;
};

export default {
  async "a lost purchase heals by its licence key, once"(t) {
    const at = "healing 1";
    const bought = await lost(t, (b) => live.validated(b, "inactive"));
    const calls = t.provider.calls();
    const got = await t.licence(bought.key(), { at });
    assert.deepEqual([got.status, got.json.display], [200, `order …${String(bought.order).slice(-4)}, T. B.`]);
    for (const typed of [bought.key(), bought.key().replaceAll("-", " "), bought.key().replaceAll("-", "")]) assert.equal((await t.licence(typed, { at })).keyring, got.keyring);
    assert.equal(t.provider.calls() - calls, 1);
    // The webhooks come after all, and then the refund.
    await t.stored(at, live.paid(bought));
    const opened = await t.open(bought, { at });
    assert.equal(opened.json.display, `order …${String(bought.number).slice(-4)}, T. B.`);
    await t.stored(at, live.refunded(bought));
    assert.equal((await t.licence(bought.key(), { at })).word, "403 refunded");
    assert.equal(t.provider.calls() - calls, 1);
  },

  async "a licence whose purchase was lost is asked about"(t) {
    const at = "healing 1";
    const bought = await lost(t, (b) => live.validated(b));
    await t.stored(at, live.licence(bought));
    assert.equal((await t.licence(bought.key(), { at })).status, 200);
  },

  async "keys of another shop, product or mode, and unknown ones, get the same bytes and one question"(t) {
    const at = "healing 1";
    const other = new Shop(SECRET, { store: 10002 });
    for (const says of [(b) => other.validated(b), (b) => test.validated(b), (b) => live.validated({ ...b, product: 49999 }), (b) => other.validated(b, "expired"), UNKNOWN]) {
      const bought = await lost(t, says);
      const calls = t.provider.calls();
      for (let n = 0; n < 2; n++) {
        const got = await t.licence(bought.key(), { at });
        assert.deepEqual([got.status, got.text], [404, '{"error":"unknown"}']);
      }
      assert.equal(t.provider.calls() - calls, 1);
    }
  },

  async "what is no key is unknown, with the same bytes and no question"(t) {
    const at = "healing 2";
    const calls = t.provider.calls();
    for (const key of ["", "x", "38b1460a-5104-4067-a91d-77b872934d5", "38b1460a-5104-4067-a91d-77b872934d5g", "\u00e9".repeat(36), "%00", "38b1460a-5104-4067-a91d-77b872934d51x"]) {
      const got = await t.licence(key, { at });
      assert.deepEqual([got.status, got.text], [404, '{"error":"unknown"}'], key);
    }
    assert.equal(t.provider.calls(), calls);
  },

  async "an expired or disabled key says so"(t) {
    const at = "healing 2";
    for (const [status, word] of [["expired", "403 expired"], ["disabled", "403 revoked"]]) {
      const bought = await lost(t, (b) => live.validated(b, status));
      assert.equal((await t.licence(bought.key(), { at })).word, word);
      assert.equal((await t.licence(bought.key(), { at })).word, word);
    }
  },

  async "recorded answers of the provider"(t) {
    const at = "healing 2";
    if (!existsSync(FIXTURES)) return "no fixtures";
    for (const [name, word] of [["validate_not_found_404", "404 unknown"], ["missing_param_422", "503 unavailable"], ["activate_ok_200", "503 unavailable"], ["validate_ok_key_only_200", "404 unknown"]]) {
      // The recorded key is one of test mode: nothing to a live endpoint.
      const { http_status: status, body } = JSON.parse(readFileSync(`${FIXTURES}${name}.json`, "utf8"));
      const bought = await lost(t, { status, body: JSON.stringify(body) });
      assert.equal((await t.licence(bought.key(), { at })).word, word, name);
    }
  },

  async "no verdict changes nothing, and takes nobody's access away"(t) {
    const at = "healing 3";
    const known = await t.buys();
    await t.stored(at, live.paid(known), live.licence(known));
    for (const says of [{ status: 500, body: '{"valid":false,"error":"x"}' }, { status: 403, body: "<html>Just a moment...</html>" }, { status: 200, body: "<html>Just a moment...</html>" }, { status: 200, body: '{"valid":"no"}' },
      { status: 302, body: "" }, { status: 429, body: '{"message":"Too Many Attempts."}' }]) {
      const bought = await lost(t, says);
      const got = await t.licence(bought.key(), { at });
      assert.deepEqual([got.word, got.headers["retry-after"]], ["503 unavailable", "10"], says.body);
      assert.equal((await t.licence(known.key(), { at })).status, 200);
      assert.equal(await t.line(bought, at), undefined);
    }
  },

  async "guesses do not keep who asks again from healing"(t) {
    const at = "healing 4";
    const calls = t.provider.calls();
    await Promise.all(Array.from({ length: 40 }, () => t.licence(crypto.randomUUID(), { at })));
    assert.ok(t.provider.calls() - calls <= 25, `${t.provider.calls() - calls} calls`);
    const bought = await lost(t, (b) => live.validated(b));
    const words = [(await t.licence(bought.key(), { at })).word, (await t.licence(bought.key(), { at })).word];
    assert.ok(words[1] === "200 -", words.join());
    const told = await lost(t, (b) => live.validated(b));
    await t.stored(at, live.licence(told));
    assert.equal((await t.licence(told.key(), { at })).status, 200, "a key that we were told of");
  },

  async "a renewed key opens although the word of it was lost, and no verdict changes nothing"(t) {
    const at = "healing 4";
    const bought = await t.buys();
    const expires_at = Math.floor(Date.now() / 1000) - 5;
    await t.stored(at, live.paid(bought), live.licence(bought, 0, { expires_at }));
    t.provider.says.set(bought.key(), { status: 500, body: "<html>" });
    assert.equal((await t.licence(bought.key(), { at })).word, "403 expired");
    t.provider.says.set(bought.key(), live.validated(bought));
    const { token } = await t.licence(bought.key(), { at });
    assert.equal((await t.refresh(token, "ownership", at)).status, 200);
    await t.stored(at, live.refunded(bought));
    assert.equal((await t.licence(bought.key(), { at })).word, "403 refunded");
  },

  async "after a 429, and after random guesses, the provider is left alone"(t) {
    const at = "healing 3";
    const calls = t.provider.calls();
    const random = () => crypto.randomUUID();
    const all = await Promise.all(Array.from({ length: 60 }, () => t.licence(random(), { at })));
    assert.ok(all.every(({ word }) => word === "404 unknown" || word === "503 unavailable"), all.map(({ word }) => word).join());
    assert.ok(t.provider.calls() - calls <= 25, `${t.provider.calls() - calls} calls`);
    assert.ok(all.some(({ word }) => word === "503 unavailable"));
  },
};
