// What is deployed of src/web/edge stays small, and brings nothing from elsewhere.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { VERSION } from "../../src/web/edge/core.js";
import { initials } from "../../src/web/edge/lemon_squeezy.js";
import { parseSiteKey } from "../../src/web/edge/keys.js";
import { SIZE_MAX, bundle } from "../conformance/bundle.mjs";

const EDGE = new URL("../../src/web/edge/", import.meta.url);
const ROOT = new URL("../../", import.meta.url);
const modules = readdirSync(EDGE).filter((name) => name.endsWith(".js")).map((name) => ({ name, source: readFileSync(new URL(name, EDGE), "utf8") }));

for (const name of /** @type {const} */ (["counter", "desk"])) {
  test(`the function ${name} is at most ${SIZE_MAX} bytes of gzip, bundled and minified, the protocol inside`, async (t) => {
    const { size, modules } = await bundle(name);
    t.diagnostic(`${size} bytes`);
    assert.ok(size <= SIZE_MAX && size > 4000 && modules.includes("protocol.js"), `${size} bytes`);
  });
}

test("what strangers reach has no code that lists or deletes orders", async () => {
  const { code, modules } = await bundle("counter");
  assert.deepEqual(modules.filter((name) => /desk|account/.test(name)), []);
  assert.doesNotMatch(code, /x-ndjson|DELETE/);
});

test("nothing is imported but modules beside it; the platform's own stands in its adapter", () => {
  for (const { name, source } of modules) {
    for (const [, from] of source.matchAll(/from "(.*?)"/g)) assert.match(from, name === "node.js" ? /^(node:|\.\/)/ : /^\.\.?\/[a-z_/]+\.js$/, name);
    assert.doesNotMatch(source, /\beval\(|new Function|\bBuffer\b/, name);
  }
});

test("the version is the program's", () => {
  assert.equal(VERSION, /^version = "(.*)"$/m.exec(readFileSync(new URL("Cargo.toml", ROOT), "utf8"))?.[1]);
});

test("a site key is read, a mistyped one is not", async () => {
  const { cases } = JSON.parse(readFileSync(new URL("tests/vectors/codes/site-key.json", ROOT), "utf8"));
  assert.ok(cases.length > 3);
  for (const { text, key } of cases) {
    const found = await parseSiteKey(text).then((bytes) => Buffer.from(bytes).toString("hex"), () => undefined);
    assert.equal(found, key, text);
  }
});

test("of a name only the initials are kept", () => {
  for (const [name, want] of [["Test Buyer", "T. B."], ["  ada   king  lovelace ", "A. L."], ["Prince", "P."], ["J. R. R. Tolkien", "J. T."], ["Jos\u00e9 \u00c1lvarez", "J. \u00c1."],
    ["\u738b\u5c0f\u660e", "\u738b"], ["\u91d1 \u54f2\u6d19", "\u91d1"], ["\u00dfan tan", "\u00df. T."], ["", ""], ["12 34", ""], ["\u202eevil <b>", "E. B."], ['"><script>alert(1)</script>', "S."],
    ["buyer@example.com", "B. C."], [null, ""], [7, ""]]) assert.equal(initials(name), want, String(name));
});
