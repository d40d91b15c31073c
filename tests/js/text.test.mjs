// Both languages say everything.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meaning } from "../../src/web/reader/pending.js";
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

test("every word that an answer can mean is there", () => {
  for (const status of [200, 202, 403, 404, 429, 500]) {
    for (const error of ["refunded", "expired", "revoked", "locked", "course", "token", "unknown", "devices", "wait", ""]) {
      const word = meaning(status, { error });
      assert.ok(word === "" || word in words("en"), word);
    }
  }
});
