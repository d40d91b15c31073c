// What is served of src/web stays small, and in the form that serving relies on.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const WEB = new URL("../../src/web/", import.meta.url);
const BUDGET = 10 * 1024;

async function modules() {
  const names = ["protocol.js", ...(await readdir(new URL("reader/", WEB))).map((name) => `reader/${name}`)];
  return Promise.all(names.map(async (name) => ({ name, source: await readFile(new URL(name, WEB), "utf8") })));
}

/** A module as it is served: without documentation blocks, line comments and indentation. */
const lean = (source) => source.replace(/\/\*\*[\s\S]*?\*\//g, "").split("\n").map((line) => line.trim())
  .filter((line) => line && !line.startsWith("//")).join("\n") + "\n";

test(`what a page loads, protocol and reader in one language, is at most ${BUDGET} bytes of gzip, file by file`, async (t) => {
  const sizes = (await modules()).map(({ name, source }) => ({ name, size: gzipSync(lean(source), { level: 9 }).length }));
  for (const { name, size } of sizes) t.diagnostic(`${String(size).padStart(6)}  ${name}`);
  const languages = sizes.filter(({ name }) => /\/..\.js$/.test(name)).map(({ size }) => size);
  const sum = sizes.reduce((sum, { size }) => sum + size, 0);
  const loaded = sum - languages.reduce((sum, size) => sum + size, 0) + Math.max(...languages);
  t.diagnostic(`${String(loaded).padStart(6)}  loaded at most, ${sum} in sum`);
  assert.ok(loaded <= BUDGET, `${loaded} bytes`);
});

test("comments stand only where serving drops them", async () => {
  for (const { name, source } of await modules()) {
    assert.doesNotMatch(source, /\/\*(?!\*)/, name);
    for (const line of lean(source).split("\n")) assert.equal(line.split("`").length % 2, 1, `${name}: a template literal over several lines`);
  }
});

test("the reader brings nothing from elsewhere: no package, no address, no eval, no HTML from words", async () => {
  for (const { name, source } of await modules()) {
    for (const [, from] of source.matchAll(/"([^"]*\.js)"/g)) assert.match(from, /^\.\.?\//, name);
    assert.doesNotMatch(lean(source), /https?:|\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML/, name);
  }
  const written = (await modules()).flatMap(({ name, source }) => [...source.matchAll(/innerHTML/g)].map(() => name));
  assert.deepEqual(written, ["reader/page.js"], "lesson text goes in at one place");
});
