// Subscriptions, their payments, and the state of licence keys.
import { assert } from "../client.mjs";
import { iso } from "../shop.mjs";
import { live, test } from "../world.mjs";

const now = () => Math.floor(Date.now() / 1000);
/** A purchase whose subscription runs. */
const subscribed = async (t) => {
  const bought = await t.buys();
  await t.stored("live", live.paid(bought), live.subscription(bought, "active", 1, { event: "subscription_created" }), live.payment(bought, 0));
  return bought;
};

export default {
  async "a subscription through renewal, failure, recovery, cancellation and expiry"(t) {
    const bought = await subscribed(t);
    const word = async (...all) => {
      await t.stored("live", ...all);
      return (await t.open(bought)).word;
    };
    assert.equal(await word(live.payment(bought, 1)), "200 -");
    assert.equal((await t.hook(live.payment(bought, 2, { event: "subscription_payment_failed", status: "pending" }))).word, "200 ignored");
    assert.equal(await word(live.subscription(bought, "past_due", 10)), "200 -");
    assert.equal(await word(live.subscription(bought, "active", 11), live.payment(bought, 2, { event: "subscription_payment_recovered" })), "200 -");
    assert.equal(await word(live.subscription(bought, "cancelled", 12, { event: "subscription_cancelled", ends_at: iso(now() + 500) })), "200 -");
    assert.equal(await word(live.subscription(bought, "cancelled", 13, { ends_at: iso(now() - 1) })), "403 expired");
    assert.equal(await word(live.subscription(bought, "active", 14, { event: "subscription_resumed" })), "200 -");
    assert.equal(await word(live.subscription(bought, "unpaid", 15)), "403 expired");
    assert.equal(await word(live.subscription(bought, "active", 16)), "200 -");
    const { token } = await t.open(bought);
    assert.equal(await word(live.subscription(bought, "expired", 17, { event: "subscription_expired" })), "403 expired");
    assert.equal((await t.refresh(token)).word, "403 expired");
    assert.equal((await t.line(bought)).state, "expired");
  },

  async "a paused one gives what its pause says"(t) {
    const bought = await subscribed(t);
    for (const [pause, word] of [[{ mode: "void", resumes_at: null }, "403 expired"], [{ mode: "free", resumes_at: null }, "200 -"], [{ mode: "void", resumes_at: iso(now() - 5) }, "200 -"],
      [{ mode: "void", resumes_at: iso(now() + 500) }, "403 expired"], [null, "403 expired"]]) {
      const one = await subscribed(t);
      await t.stored("live", live.subscription(one, "paused", 5, { event: "subscription_paused", pause }));
      assert.equal((await t.open(one)).word, word, JSON.stringify(pause));
    }
    assert.equal((await t.open(bought)).status, 200);
  },

  async "all of it reversed and doubled ends in the same state"(t) {
    const bought = await t.buys();
    const all = [live.paid(bought), live.subscription(bought, "on_trial", 1, { event: "subscription_created" }), live.subscription(bought, "active", 2), live.subscription(bought, "past_due", 3),
      live.subscription(bought, "active", 4)];
    for (const signed of all.toReversed()) assert.equal((await t.hook(signed)).word, "200 stored");
    assert.deepEqual((await Promise.all(all.map((signed) => t.hook(signed)))).map(({ word }) => word), Array(5).fill("200 duplicate"));
    assert.equal((await t.open(bought)).status, 200);
  },

  async "of two words of one second the later microsecond counts, and of one moment the more final"(t) {
    const bought = await t.buys();
    const at = (status, micros) => live.subscription(bought, status, 5, { updated_at: iso(bought.paid_at + 5, micros) });
    await t.stored("live", live.paid(bought), at("expired", 1), at("active", 2));
    assert.equal((await t.open(bought)).status, 200);
    await t.stored("live", at("unpaid", 2));
    assert.equal((await t.open(bought)).word, "403 expired");
  },

  async "the refund of the newest payment closes, until the next one; an older one's does not"(t) {
    const bought = await subscribed(t);
    const refund = (n) => live.payment(bought, n, { event: "subscription_payment_refunded", status: "refunded", after: n + 20, refunded_at: iso(bought.paid_at + n + 20) });
    await t.stored("live", live.payment(bought, 1), refund(0));
    assert.equal((await t.open(bought)).status, 200);
    await t.stored("live", refund(1));
    assert.equal((await t.open(bought)).word, "403 refunded");
    await t.stored("live", live.payment(bought, 2));
    assert.equal((await t.open(bought)).status, 200);
    await t.stored("live", live.payment(bought, 2, { event: "subscription_payment_refunded", status: "partial_refunded", refunded_amount: 100, after: 30 }));
    assert.equal((await t.open(bought)).status, 200);
  },

  async "payments of unknown subscriptions, and of the other mode, are ignored"(t) {
    const bought = await t.bought();
    assert.equal((await t.hook(live.payment(bought, 0))).word, "200 ignored");
    await t.stored("live", live.subscription(bought, "active", 1));
    assert.equal((await t.hook(test.payment(bought, 0))).word, "200 ignored");
    assert.equal((await t.hook(live.subscription(bought, "a new word", 2))).word, "200 ignored");
    assert.equal((await t.hook(live.subscription({ ...(await t.buys()), product: 49999 }, "expired", 3))).word, "200 ignored");
    assert.equal((await t.open(bought)).status, 200);
    assert.equal((await t.hook(live.subscription(bought, "active", 4, { order_id: null }))).word, "400 malformed");
    assert.equal((await t.hook(live.payment(bought, 0, { subscription_id: null }))).word, "400 malformed");
  },

  async "an order that was taken stays ours when its product leaves the catalog"(t) {
    const bought = await t.bought();
    await t.stored("live", live.refunded({ ...bought, product: 49999 }));
    assert.equal((await t.open(bought)).word, "403 refunded");
  },

  async "a subscription whose purchase was lost opens by its licence key, and the key ends with it"(t) {
    const bought = await t.buys();
    await t.stored("live", live.subscription(bought, "active", 1), live.licence(bought, 0, { expires_at: now() - 100 }));
    assert.equal((await t.licence(bought.key())).status, 200);
    await t.stored("live", live.subscription(bought, "expired", 2));
    assert.equal((await t.licence(bought.key())).word, "403 expired");
  },

  async "a disabled key closes its own copy, and is enabled again"(t) {
    const bought = await t.buys({ quantity: 2 });
    await t.stored("live", live.paid(bought), live.licence(bought, 0), live.licence(bought, 1));
    const { token } = await t.licence(bought.key(1));
    const updated = (after, more) => live.licence(bought, 1, { event: "license_key_updated", updated_at: iso(bought.paid_at + after), ...more });
    await t.stored("live", updated(5, { disabled: 1, status: "disabled" }));
    assert.deepEqual([(await t.licence(bought.key(1))).word, (await t.refresh(token)).word, (await t.licence(bought.key(0))).word], ["403 revoked", "403 revoked", "200 -"]);
    await t.stored("live", updated(6, { disabled: false, status: "active", instances_count: 1 }));
    assert.equal((await t.refresh(token)).status, 200);
  },

  async "a key that was made anew takes the place of the one before"(t) {
    const bought = await t.buys();
    await t.stored("live", live.paid(bought), live.licence(bought));
    const before = await t.licence(bought.key());
    const anew = bought.key().replace(/^B/, "C");
    await t.stored("live", live.licence(bought, 0, { event: "license_key_updated", key: anew, updated_at: iso(bought.paid_at + 5) }));
    assert.equal((await t.licence(anew)).keyring, before.keyring);
    assert.equal((await t.licence(bought.key())).text, '{"error":"unknown"}');
    assert.equal((await t.refresh(before.token)).status, 200);
  },

  async "a full refund switches the order's keys off at the provider, and nobody else's"(t) {
    const bought = await t.buys();
    const key = (id, order_id, status = "active") => ({ id: String(id), order_id, status });
    const [own, other, off] = [key(bought.keyId(0), bought.order), key(bought.keyId(1), bought.order + 1), key(bought.keyId(2), bought.order, "disabled")];
    t.provider.keys.push(own, other, off);
    const switched = async () => {
      for (let n = 0; n < 100 && own.status !== "disabled"; n++) await new Promise((done) => setTimeout(done, 50));
      return own.status;
    };
    await t.stored("live", live.paid(bought), live.refunded(bought, 100));
    await new Promise((done) => setTimeout(done, 200));
    assert.equal(own.status, "active", "a partial refund");
    await t.stored("live", live.refunded(bought, 4900, bought.paid_at + 50));
    assert.deepEqual([await switched(), other.status], ["disabled", "active"]);
  },
};
