// Both languages say everything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../src/web/reader/text.js";

test("English and Chinese have the same words, none empty", () => {
  const [en, zh] = [words("en"), words("zh-Hans")];
  assert.deepEqual(Object.keys(en), Object.keys(zh));
  for (const [key, text] of Object.entries({ ...en, ...zh })) assert.ok(text.trim(), key);
  assert.ok(Object.values(zh).every((text) => /\p{Script=Han}/u.test(text)));
  assert.ok(Object.values(en).every((text) => !/\p{Script=Han}/u.test(text)));
});

test("any other language reads English", () => {
  for (const language of ["de", "zhu", "", "en-GB"]) assert.equal(words(language), words("en"));
});

test("every word that the modules use is there", async () => {
  const { readFile } = await import("node:fs/promises");
  const source = await readFile(new URL("../../src/web/reader/main.js", import.meta.url), "utf8");
  const used = [...source.matchAll(/\b(?:tell|shut)\("(\w+)"|\bsay\.(\w+)/g)].map((m) => m[1] ?? m[2]);
  assert.ok(used.length > 10);
  for (const key of used) assert.ok(key in words("en"), key);
  for (const kind of ["refunded", "expired", "revoked", "pending", "wait", "unknown", "devices", "down"]) assert.ok(kind in words("en"), kind);
});
