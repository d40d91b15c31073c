// The store where the browser refuses IndexedDB: the page works until it is left. (With IndexedDB: the browser tests.)
import assert from "node:assert/strict";
import { test } from "node:test";
import { nothing, openStore } from "../../src/web/reader/store.js";

test("without IndexedDB it keeps things in memory", async () => {
  const kept = await openStore("two-small-courses");
  await kept(({ rings }) => { rings.a = { checked: 1 }; });
  await kept(({ claims }) => { claims.push({ claim: "x", course: "a", page: "/", at: 1, y: 0 }); });
  assert.deepEqual((await kept()).rings, { a: { checked: 1 } });
  assert.match((await kept()).device, /^[0-9a-f]{32}$/);
  const { device } = await kept();
  await kept((all) => Object.assign(all, nothing()));
  assert.deepEqual((await kept()).claims, []);
  assert.notEqual((await kept()).device, device, "a forgotten device is a new one");
});
