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

test(`the function is at most ${SIZE_MAX.all} bytes of gzip, bundled and minified, and ${SIZE_MAX.own} without the protocol`, async (t) => {
  const { own, all } = await bundle();
  t.diagnostic(`${all} bytes, ${own} without the protocol`);
  assert.ok(all <= SIZE_MAX.all && own <= SIZE_MAX.own && own > 9000, `${all} bytes, ${own} without the protocol`);
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
