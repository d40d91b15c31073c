// The store where the browser refuses IndexedDB: the page works until it is left. (With IndexedDB: the browser tests.)
import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../src/web/reader/store.js";

test("without IndexedDB it keeps things in memory", async () => {
  const store = await openStore("two-small-courses");
  await store.put("ring:a", { course: "a" });
  await store.put("ring:b", { course: "b" });
  await store.put("claim:x", { code: "x" });
  assert.deepEqual(await store.get("ring:a"), { course: "a" });
  assert.deepEqual((await store.all("ring:")).map((r) => r.course), ["a", "b"]);
  await store.drop("ring:a");
  assert.equal(await store.get("ring:a"), undefined);
  await store.clear();
  assert.deepEqual(await store.all(""), []);
});
