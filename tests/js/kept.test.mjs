// What a device keeps and waits for: addresses, pairs of claims and orders, the waiting, and what answers mean.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, checkoutUrl, closes, due, meaning, nothing, openStore, returned, takeOrder } from "../../src/web/reader/kept.js";

const DAY = 86_400_000;

test("an order reference is taken out of query and fragment, and nothing else is", () => {
  const cases = [
    ["https://a.example/thanks/?order=aaaa-01", "aaaa-01", "https://a.example/thanks/"],
    ["https://a.example/c/thanks/?x=1&order=7000001&y=2#part", "7000001", "https://a.example/c/thanks/?x=1&y=2#part"],
    ["https://a.example/l/#order=lemon_squeezy:7", "lemon_squeezy:7", "https://a.example/l/"],
    ["https://a.example/l/#borrowing", undefined, "https://a.example/l/#borrowing"],
    ["https://a.example/l/?orders=1", undefined, "https://a.example/l/?orders=1"],
  ];
  for (const [href, order, rest] of cases) {
    const taken = takeOrder(href);
    assert.deepEqual([taken.order, taken.rest], [order, rest], href);
  }
});

test("what is no reference is removed from the address and not kept", () => {
  for (const bad of ["[order_identifier]", "", "a b", "x".repeat(129), "<b>"]) {
    const { order, rest } = takeOrder(`https://a.example/thanks/?order=${encodeURIComponent(bad)}`);
    assert.equal(order, undefined, bad);
    assert.equal(rest, "https://a.example/thanks/");
  }
});

test("the checkout address carries the claim, and the page's discount and affiliate", () => {
  const url = new URL(checkoutUrl("https://shop.example/buy/1?embed=0", "c1a1", "?discount=SPRING&aff=77&utm=no"));
  assert.equal(url.origin + url.pathname, "https://shop.example/buy/1");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    embed: "0", "checkout[custom][claim]": "c1a1", "checkout[discount_code]": "SPRING", aff: "77",
  });
});

test("a link's own claim is replaced by the fresh one", () => {
  const url = new URL(checkoutUrl("https://shop.example/buy/1?checkout%5Bcustom%5D%5Bclaim%5D=old", "new", ""));
  assert.deepEqual(url.searchParams.getAll("checkout[custom][claim]"), ["new"]);
});

test("claims that came back are tried newest first; those without an order and old ones are not", () => {
  const claims = [{ claim: "old", at: 1 }, { claim: "left" }, { claim: "first", at: 40 * DAY }, { claim: "second", at: 40 * DAY }];
  assert.deepEqual(returned({ claims }, 41 * DAY).map(({ claim }) => claim), ["second", "first"]);
});

/** Asks against a scripted shop, on a clock that only waiting moves. */
async function asked(...answers) {
  let clock = 0;
  const waits = [];
  let calls = 0;
  const answer = await ask(
    async () => answers[Math.min(calls++, answers.length - 1)],
    async (ms) => { waits.push(ms); clock += ms; },
    () => clock,
  );
  return { answer, waits, calls, clock };
}

test("it asks at once, then after 2 s rising to 30 s, and gives up within 4 minutes", async () => {
  const { answer, waits, clock } = await asked({ word: "pending" });
  assert.equal(answer.word, "pending");
  assert.equal(waits[0], 2000);
  assert.equal(Math.max(...waits), 30000);
  assert.ok(waits.every((ms, i) => i === 0 || ms >= waits[i - 1]));
  assert.ok(clock > 180_000 && clock <= 240_000, String(clock));
});

test("an answer ends the asking, a failing endpoint does not", async () => {
  const { answer, calls } = await asked({ word: "down" }, { word: "wait" }, { word: "pending" }, { word: "" });
  assert.equal(answer.word, "");
  assert.equal(calls, 4);
  for (const word of ["refunded", "unknown", "devices"]) assert.equal((await asked({ word })).calls, 1, word);
});

test("Retry-After is kept, within reason", async () => {
  assert.equal((await asked({ word: "pending", body: { retryAfter: 10 } }, { word: "" })).waits[0], 10_000);
  assert.equal((await asked({ word: "pending", body: { retryAfter: 9999 } }, { word: "" })).waits[0], 30_000);
});

test("a keyring is asked about once a day, and again in an hour where nobody answered", () => {
  const HOUR = 3_600_000;
  assert.equal(due({ checked: 9 * DAY }, 10 * DAY - 1), false);
  assert.equal(due({ checked: 9 * DAY }, 10 * DAY), true);
  assert.equal(due({ checked: 50 * DAY }, 10 * DAY), true, "a clock that was wrong heals");
  assert.equal(due({ checked: DAY, failed: 10 * DAY }, 10 * DAY + HOUR - 1), false);
  assert.equal(due({ checked: DAY, failed: 10 * DAY }, 10 * DAY + HOUR), true);
});

test("each answer of the endpoint has one meaning", () => {
  const cases = [
    [200, { token: "t" }, ""], [202, { status: "pending" }, "pending"],
    [403, { error: "refunded" }, "refunded"], [403, { error: "expired" }, "expired"], [403, { error: "revoked" }, "revoked"],
    [403, { error: "locked" }, "locked"], [403, { error: "course" }, "course"], [403, { error: "token" }, "token"],
    [404, { error: "unknown" }, "unknown"], [429, { error: "wait" }, "wait"], [429, { error: "devices" }, "devices"], [429, null, "wait"],
    [503, { error: "unavailable" }, "down"],
  ];
  for (const [status, body, word] of cases) assert.equal(meaning(status, body), word, `${status} ${JSON.stringify(body)}`);
});

test("nothing but a clear word closes a course", () => {
  for (const word of ["refunded", "expired", "revoked", "locked", "course"]) {
    assert.ok(closes(meaning(403, { error: word })), word);
    for (const status of [200, 400, 401, 404, 429, 500, 502, 503]) assert.ok(!closes(meaning(status, { error: word })), `${status} ${word}`);
  }
  for (const body of [null, "", 7, [], { error: "refunded?" }, { error: { toString: "refunded" } }]) assert.ok(!closes(meaning(403, body)));
});

test("without IndexedDB it keeps things in memory", async () => {
  const kept = await openStore("two-small-courses");
  await kept(({ rings }) => { rings.a = { checked: 1 }; });
  await kept(({ claims }) => { claims.push({ claim: "x", course: "a", page: "/", y: 0 }); });
  assert.deepEqual((await kept()).rings, { a: { checked: 1 } });
  assert.match((await kept()).device, /^[0-9a-f]{32}$/);
  const { device } = await kept();
  await kept((all) => Object.assign(all, nothing()));
  assert.deepEqual((await kept()).claims, []);
  assert.notEqual((await kept()).device, device, "a forgotten device is a new one");
});
