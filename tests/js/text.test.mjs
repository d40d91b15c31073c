// Both languages say everything.
import assert from "node:assert/strict";
import { test } from "node:test";
import en from "../../src/web/reader/en.js";
import { meaning } from "../../src/web/reader/kept.js";
import zh from "../../src/web/reader/zh.js";

test("English and Chinese have the same words, none empty", () => {
  assert.deepEqual(Object.keys(en), Object.keys(zh));
  for (const text of Object.values(en)) assert.match(text, /^[^\p{Script=Han}]+$/u);
  for (const text of Object.values(zh)) assert.match(text, /\p{Script=Han}/u);
});

test("every word that an answer can mean is there", () => {
  for (const status of [200, 202, 403, 404, 429, 500]) {
    for (const error of ["refunded", "expired", "revoked", "locked", "course", "unknown", "devices", "wait", ""]) {
      const word = meaning(status, { error });
      assert.ok(word === "" || word in en, word);
    }
  }
});

test("every word that the modules say is there, and none is there for nothing", async () => {
  const { readFile } = await import("node:fs/promises");
  const source = (await Promise.all(["main", "page", "kept"].map((name) => readFile(new URL(`../../src/web/reader/${name}.js`, import.meta.url), "utf8")))).join("");
  for (const [, word] of source.matchAll(/(?:tell|shut)\("(\w+)"|\bsay\.(\w+)/g)) assert.ok(!word || word in en, word);
  for (const word of Object.keys(en)) assert.ok(source.includes(`"${word}"`) || source.includes(`say.${word}`), word);
});
