// The protocol's vectors, walked as they lie in tests/vectors: no list of names, and a kind that is unknown here fails.
//
// What the browser does runs in protocol.js. What only an endpoint does (tokens, issuing, site keys) is held against `reference`, a
// second writing of the specification on node:crypto, so that Rust is not checked against itself.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { Keyring, ProtocolError, claimHash, derive, newCode, openAsset, openLesson, openStatic, parseCode, staticPath } from "../../src/web/protocol.js";
import * as reference from "./reference.mjs";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../vectors");
/** Folders that another room's tests walk. */
const ELSEWHERE = ["entitlements", "model"];

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const unhex = (digits) => new Uint8Array(Buffer.from(digits, "hex"));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (path) => new Uint8Array(readFileSync(join(ROOT, path)));

/** @returns {Map<string, any>} path -> vector */
function walk() {
  const names = readdirSync(ROOT, { recursive: true }).map((name) => name.replaceAll("\\", "/"));
  const files = names.filter((name) => /\.\w+$/.test(name) && !ELSEWHERE.some((room) => name.startsWith(room + "/")));
  return new Map(files.filter((name) => !name.endsWith(".bin")).map((name) => [name, JSON.parse(readFileSync(join(ROOT, name), "utf8"))]));
}

/** A value, or the failure class. */
async function outcome(run) {
  try {
    return { gives: await run() };
  } catch (error) {
    if (!(error instanceof ProtocolError) && !(error instanceof reference.Refused)) throw error;
    return { fails: error.kind };
  }
}

const sibling = (path, name) => (name.includes("/") ? name : posix.join(posix.dirname(path), name));
const fields = ({ scope, display, slots, keys }) => ({ site: scope.site, course: scope.course, epoch: scope.epoch, params: scope.params,
  display, slots: hex(slots), keys_sha256: sha256(keys) });

/** Runs one vector of each kind. */
const KINDS = {
  async derivation({ steps }) {
    for (const { name, output, ...op } of steps) {
      const part = ({ text, u32, u8, bytes }) => text ?? (u32 ?? (u8 === undefined ? unhex(bytes) : Uint8Array.of(u8)));
      const found = op.derive
        ? await derive(unhex(op.derive.ikm), op.derive.label, ...op.derive.parts.map(part))
        : reference.perform(op);
      assert.equal(hex(found), output, name);
      if (op.derive) assert.equal(hex(reference.derive(unhex(op.derive.ikm), op.derive.label, ...op.derive.parts.map(part))), output, name);
    }
  },

  async codes({ site, cases }) {
    for (const { typed, code, claim_hash, fails } of cases) {
      assert.deepEqual(await outcome(() => parseCode(typed)), fails ? { fails } : { gives: code }, typed);
      if (code) assert.equal(await claimHash(typed, site), claim_hash);
    }
  },

  async "site-keys"({ cases }) {
    for (const { text, key, fails } of cases) {
      assert.deepEqual(await outcome(() => hex(reference.parseSiteKey(text))), fails ? { fails } : { gives: key }, text);
    }
  },

  async token({ site_key, site, now, token, says, fails }) {
    const found = await outcome(() => reference.verifyToken(unhex(site_key), site, token, now));
    assert.deepEqual(found, fails ? { fails } : { gives: says });
  },

  async keyring({ file, issue, says, fails }, path) {
    const bytes = bytesOf(sibling(path, file));
    const found = await outcome(() => Keyring.parse(bytes));
    if (fails) return assert.deepEqual(found, { fails });
    assert.deepEqual(fields(found.gives), says);
    if (issue) assert.deepEqual(fields(found.gives), reference.issue(issue, says));
  },

  async keyrings({ orders, ...of }) {
    for (const [order_id, hash] of Object.entries(orders)) {
      const { bytes, slots, pairs } = reference.keyringFile({ ...of, order_id }, of);
      assert.equal(sha256(bytes), hash, order_id);
      const keyring = await Keyring.parse(bytes);
      const all = new Set(slots.map((_, j) => hex(keyring.key(j))));
      const held = slots.map((_, j) => [0, 1].filter((s) => hex(pairs.subarray(32 * j + 16 * s, 32 * j + 16 * s + 16)) === hex(keyring.key(j))));
      assert.deepEqual(held, slots.map((slot) => [slot]), `${order_id}: exactly one key of each pair`);
      assert.deepEqual(slots.map((_, j) => keyring.slot(j)), slots, `${order_id}: the one that the slot says`);
      const other = (slot, j) => hex(pairs.subarray(32 * j + 16 - 16 * slot, 32 * j + 32 - 16 * slot));
      assert.ok(!slots.some((slot, j) => all.has(other(slot, j))), `${order_id}: and the other one nowhere`);
    }
  },

  async "static-keyring"({ file, code, site, course, epoch, path: name, keyring, fails }, path) {
    const bytes = bytesOf(sibling(path, file));
    assert.deepEqual(await outcome(() => staticPath(code, site, course, epoch)), name ? { gives: name } : { fails: "code" });
    const found = await outcome(() => openStatic(code, site, course, epoch, bytes));
    assert.deepEqual(found, fails ? { fails } : { gives: bytesOf(keyring) });
  },

  async lesson({ file, keyring, html, assets = [], fails }, path) {
    const ring = await Keyring.parse(bytesOf(keyring));
    const found = await outcome(() => openLesson(ring, bytesOf(sibling(path, file))));
    if (fails) return assert.deepEqual(found, { fails });
    const shown = found.gives.html;
    assert.equal(html.text === undefined ? sha256(shown) : shown, html.text ?? html.sha256);
    assert.deepEqual(found.gives.assets, assets.map(entry));
  },

  async asset({ file, entry: written, content_sha256, fails }, path) {
    const found = await outcome(async () => sha256(await openAsset(entry(written), bytesOf(sibling(path, file)))));
    assert.deepEqual(found, fails ? { fails } : { gives: content_sha256 });
  },
};

const entry = ({ name, key, sha256, size, media_type }) => ({ name, key: unhex(key), sha256, size, mediaType: media_type });

async function run(vector, path) {
  assert.ok(Object.hasOwn(KINDS, vector.kind), `${path}: unknown kind of vector ${vector.kind}`);
  await KINDS[vector.kind](vector, path);
}

for (const [path, vector] of walk()) test(`${path}: ${vector.shows}`, () => run(vector, path));

test("the folder is whole", () => {
  assert.ok(walk().size > 100);
  for (const kind of Object.keys(KINDS)) assert.ok([...walk().values()].some((vector) => vector.kind === kind), kind);
});

test("a vector of an unknown kind fails", () => assert.rejects(run({ kind: "brand-new" }, "x.json"), /unknown kind/));

test("any one bit flipped in a sealed lesson is refused with a class, and nothing is shown", async () => {
  const ring = await Keyring.parse(bytesOf("keyrings/a.bin"));
  const whole = bytesOf("lessons/pairs-a.bin");
  const { html } = await openLesson(ring, whole);
  // The wording that this copy does not open is the one place where a flipped bit is not seen by it; the page's SHA-256 sees it.
  const pair = (whole.length - bodyEnd(whole)) / 2;
  const slot = ring.slot(5);
  const unused = [bodyEnd(whole) + pair * (1 - slot), bodyEnd(whole) + pair * (2 - slot)];
  for (let i = 0; i < whole.length; i++) {
    const bytes = whole.slice();
    bytes[i] ^= 1 << (i * 5) % 8;
    const found = await outcome(() => openLesson(ring, bytes));
    if (i >= unused[0] && i < unused[1]) assert.equal(found.gives.html, html);
    else assert.match(found.fails, /^(magic|version|kind|header|truncated|site|course|epoch|params|gate|pair)$/, `byte ${i}`);
  }
});

/** Where the pair begins: both of its ciphertexts have 64 bytes and a tag. */
const bodyEnd = (whole) => whole.length - 2 * (64 + 16);

test("any one bit flipped in a keyring, an asset or a static keyring is refused with a class", async () => {
  const keyring = bytesOf("keyrings/a.bin");
  const asset = JSON.parse(readFileSync(join(ROOT, "assets/one-byte.json"), "utf8"));
  const sealed = bytesOf("assets/one-byte.bin");
  const under = JSON.parse(readFileSync(join(ROOT, "static/good-code.json"), "utf8"));
  const file = bytesOf("static/good-code.bin");
  const flip = (bytes, i) => bytes.with(i, bytes[i] ^ (1 << (i * 5) % 8));
  for (let i = 0; i < keyring.length; i++) assert.deepEqual(await outcome(() => Keyring.parse(flip(keyring, i))), { fails: "checksum" });
  for (let i = 0; i < sealed.length; i++) assert.deepEqual(await outcome(() => openAsset(entry(asset.entry), flip(sealed, i))), { fails: "checksum" });
  for (let i = 0; i < file.length; i++) {
    const { fails } = await outcome(() => openStatic(under.code, under.site, under.course, under.epoch, flip(file, i)));
    assert.match(fails, /^(magic|version|kind|code)$/);
  }
});

test("a lesson cut anywhere is refused", async () => {
  const ring = await Keyring.parse(bytesOf("keyrings/a.bin"));
  const whole = bytesOf("lessons/pairs-a.bin");
  for (let n = 0; n < whole.length; n += 3) {
    assert.match((await outcome(() => openLesson(ring, whole.subarray(0, n)))).fails, /^(truncated|gate)$/);
  }
});

test("new codes are read back, and no two are equal", () => {
  const codes = Array.from({ length: 100 }, newCode);
  for (const code of codes) assert.equal(parseCode(code.toLowerCase().replaceAll("-", " ")), code);
  assert.equal(new Set(codes).size, codes.length);
});

test("every binary file belongs to a vector", () => {
  const named = new Set([...walk()].flatMap(([path, vector]) => [vector.file, vector.keyring].filter(Boolean).map((name) => sibling(path, name))));
  const found = readdirSync(ROOT, { recursive: true }).map((name) => name.replaceAll("\\", "/")).filter((name) => name.endsWith(".bin"));
  assert.deepEqual(found.filter((name) => !named.has(name)), []);
  for (const name of named) assert.ok(existsSync(join(ROOT, name)), name);
});
