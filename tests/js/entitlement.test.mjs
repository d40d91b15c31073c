// Facts to entitlement in JavaScript: the same vectors as in Rust, and whatever the order of facts and their repetitions.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { books } from "../../src/web/edge/books.js";
import { account, endedAt } from "../../src/web/edge/account.js";
import { memory } from "../../src/web/edge/memory.js";

const ROOT = new URL("../vectors/entitlements/", import.meta.url);
const vectors = readdirSync(ROOT).filter((name) => name.endsWith(".json")).map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, ROOT), "utf8")) }));

/** As JSON has it: without what is absent or empty. */
const plain = (given) => JSON.parse(JSON.stringify(given, (_, value) => (Array.isArray(value) && !value.length ? undefined : value)));
/** The members that a vector names; null where there is none. */
const named = (given, expect) => Object.fromEntries(Object.keys(expect).map((name) => [name, plain(given)[name] ?? null]));

/** @template T @param {T[]} list @returns {Generator<T[]>} every order of the list */
function* orders(list) {
  if (!list.length) yield [];
  for (const [i, first] of list.entries()) for (const rest of orders(list.toSpliced(i, 1))) yield [first, ...rest];
}

/** Deterministic noise. @param {number} seed */
const noise = (seed) => () => ((seed = (seed * 1664525 + 1013904223) >>> 0) / 2 ** 32);

for (const { name, about, now, facts, expect } of vectors) {
  test(`${name}: ${about}`, () => {
    const random = noise(facts.length);
    for (let n = 0; n < 20; n++) {
      const shuffled = [...facts, ...facts.filter(() => random() < 0.5)].sort(() => random() - 0.5);
      assert.deepEqual(named(account(shuffled, now), expect), expect);
    }
  });
}

test("the folder is whole", () => assert.ok(vectors.length > 30));

test("every order of facts in the store, with repetitions, ends in the same state", async () => {
  for (const { name, now, facts, expect } of vectors.filter(({ facts }) => facts.length > 1 && facts.length < 6)) {
    for (const order of orders(facts)) {
      const kept = books(memory());
      const words = [];
      for (const fact of [...order, order[0], ...order]) words.push(await kept.insert(fact));
      assert.deepEqual(words, [...order.map(() => "new"), "known", ...order.map(() => "known")], name);
      assert.deepEqual(named(account(await kept.facts(facts[0].order), now), expect), expect, name);
    }
  }
});

test("an order ended when it was last open", () => {
  const order = "lemon_squeezy:7";
  const paid = { order, at: 100, kind: "order", status: "paid", store: 1, product: 2, quantity: 1, refunded: 0, paid_at: 90 };
  const refund = { ...paid, at: 200, status: "refunded", refunded: 9 };
  const key = (end) => ({ order, at: 100, kind: "licence", licence: "1", key: "00", expires_at: end });
  assert.deepEqual([endedAt([paid], 300), endedAt([], 300), endedAt([refund], 300), endedAt([paid, refund], 300)], [undefined, undefined, 200, 200]);
  assert.deepEqual([endedAt([paid, key(150)], 300), endedAt([paid, key(150), refund], 300), endedAt([paid, key(250)], 300)], [150, 150, 250]);
  assert.equal(endedAt([paid, refund, { order, at: 220, kind: "restored" }, { order, at: 260, kind: "revoked" }], 300), 260);
});
