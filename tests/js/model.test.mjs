// Every order and every repetition of a story's facts ends in the same, right state: tests/vectors/model, on the JavaScript entitlement and
// both of its stores, as in Rust.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";

import { getStore } from "@netlify/blobs";

import { blobs } from "../../src/web/edge/blobs.js";
import { archive, books } from "../../src/web/edge/books.js";
import { account } from "../../src/web/edge/account.js";
import { memory } from "../../src/web/edge/memory.js";
import { blobServer } from "../conformance/blob_server.mjs";

const ROOT = new URL("../vectors/model/", import.meta.url);
const stories = readdirSync(ROOT).filter((name) => name.endsWith(".json")).map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, ROOT), "utf8")) }));
const LONG = process.env.BOOKPLATE_LONG === "1";

/** @type {Awaited<ReturnType<typeof blobServer>>} */
let server;
before(async () => (server = await blobServer()));
after(() => server.stop());

const plain = (given) => JSON.parse(JSON.stringify(given, (_, value) => (Array.isArray(value) && !value.length ? undefined : value)));
const named = (given, expect) => Object.fromEntries(Object.keys(expect).map((name) => [name, plain(given)[name] ?? null]));

/** Every order of a list. @template T @param {T[]} list @returns {Generator<T[]>} */
function* orders(list) {
  if (!list.length) yield [];
  for (const [i, first] of list.entries()) for (const rest of orders(list.toSpliced(i, 1))) yield [first, ...rest];
}

/** What some of a story's facts give, put in in the order of the file. */
function inOrder({ now, facts }) {
  const found = new Map();
  return (/** @type {string[]} */ known) => {
    const names = Object.keys(facts).filter((fact) => known.includes(fact));
    if (!found.has(names.join())) found.set(names.join(), plain(account(names.map((fact) => facts[fact]), now)));
    return found.get(names.join());
  };
}

/** Puts facts into a store in this order, each again after every later one if `again`. */
async function play(kept, { name, now, facts, expect }, order, right, again = true) {
  const known = [];
  for (const one of order) {
    assert.equal(await kept.insert(facts[one]), "new", `${name}: ${order}`);
    known.push(one);
    for (const fact of again ? known : []) assert.equal(await kept.insert(facts[fact]), "known", `${name}: ${order}`);
    const given = account(await kept.facts(facts[one].order), now);
    assert.deepEqual(plain(given), right(known), `${name}: ${known} of ${order}`);
    if (known.length === order.length) assert.deepEqual(named(given, expect), expect, `${name}: ${order}`);
  }
}

for (const story of stories) {
  test(`${story.name}: ${story.about}`, async () => {
    const all = [...orders(Object.keys(story.facts))];
    const right = inOrder(story);
    assert.equal(all.length, 720);
    // Repetitions, and orders over HTTP, are a part of them; all of them where there is time.
    for (const [i, order] of all.entries()) await play(books(memory()), story, order, right, LONG || i % 5 === 0);
    for (const [i, order] of all.entries()) {
      if (!LONG && i % 97) continue;
      const open = () => getStore({ name: `${story.name}-${i}`, consistency: "strong", siteID: "site", token: "token", edgeURL: "http://127.0.0.1:9", uncachedEdgeURL: server.url });
      await play(books(blobs(open)), story, order, right);
    }
    for (const { of, now = story.now, expect } of story.subsets ?? []) {
      assert.deepEqual(named(account(of.map((/** @type {string} */ name) => story.facts[name]), now), expect), expect, `${story.name}: ${of}`);
    }
  });
}

test("the folder is whole", () => assert.ok(stories.length >= 6));

test("of twenty writers at once one is the first, and nobody's change is lost", async () => {
  const open = () => getStore({ name: "race", consistency: "strong", siteID: "site", token: "token", edgeURL: "http://127.0.0.1:9", uncachedEdgeURL: server.url });
  const fact = stories[0].facts[Object.keys(stories[0].facts)[0]];
  for (const store of [memory(), blobs(open)]) {
    const kept = books(store);
    const words = await Promise.all(Array.from({ length: 20 }, () => kept.insert(fact)));
    assert.deepEqual(words.toSorted(), [...Array(19).fill("known"), "new"]);
    await Promise.all(Array.from({ length: 20 }, (_, i) => kept.swap("d/x", (/** @type {number[]} */ rows = []) => [...rows, i])));
    const rows = (await store.get("d/x"))?.value;
    assert.deepEqual(rows.toSorted((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
  }
});

test("forgetting takes facts, names and devices, also those that come meanwhile, and is asked again where it stopped", async () => {
  const fact = { order: "lemon_squeezy:7", at: 1, kind: "licence", licence: "1", key: "aa", status: "active" };
  const open = () => getStore({ name: "forget", consistency: "strong", siteID: "site", token: "token", edgeURL: "http://127.0.0.1:9", uncachedEdgeURL: server.url });
  for (const store of [memory(), blobs(open)]) {
    const kept = books(store);
    assert.equal(await archive(store).forget(fact.order), false);
    assert.equal(await kept.insert(fact), "new");
    await kept.changeDevices(fact.order, 3, () => /** @type {any} */ ([{}]));
    // A delivery that looked before, and writes after.
    const late = books({ ...store, put: async (key, ...rest) => (key.startsWith("f/") && (await archive(store).forget(fact.order)), store.put(key, ...rest)) });
    assert.equal(await late.insert({ ...fact, key: "bb" }), "forgotten");
    assert.deepEqual((await store.list("")).map((key) => key.slice(0, 2)), ["x/"]);
    assert.equal(await kept.insert(fact), "forgotten");
    // And one that was through before the mark stood.
    const [other, another] = ["aa", "bb"].map((key) => ({ ...fact, order: "lemon_squeezy:8", key }));
    const early = archive({ ...store, put: async (key, ...rest) => (key.startsWith("x/") && (await kept.insert(another)), store.put(key, ...rest)) });
    await kept.insert(other);
    assert.equal(await early.forget(other.order), true);
    assert.deepEqual((await store.list("")).map((key) => key.slice(0, 2)), ["x/", "x/"]);
  }
  const store = memory();
  const kept = books(store);
  await kept.insert(fact);
  let left = 1;
  const failing = archive({ ...store, delete: async (key) => (left-- ? store.delete(key) : Promise.reject(new Error("down"))) });
  await assert.rejects(failing.forget(fact.order), /down/);
  assert.equal(await archive(store).forget(fact.order), true);
  assert.deepEqual((await store.list("")).map((key) => key.slice(0, 2)), ["x/"]);
});

test("a conditional write that failed is no write, and nothing is written over what has no etag", async () => {
  const lying = { setJSON: async () => ({ modified: true, etag: "" }), getWithMetadata: async () => ({ data: {}, etag: undefined }), list: async () => ({ blobs: [] }) };
  const store = blobs(() => lying);
  await assert.rejects(store.put("k", 1), /no etag of what was written/);
  const { etag } = (await store.get("k")) ?? {};
  await assert.rejects(store.put("k", 1, etag), /no etag$/);
});
