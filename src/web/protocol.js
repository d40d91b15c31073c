// Protocol v1 in the browser: opens what the builder sealed. Twin of src/protocol/, section by section; the specification is
// content/reference/protocol.md, and both run the vectors in tests/vectors/.

/** @typedef {{ name: string, key: Uint8Array, sha256: string, size: number, mediaType: string }} AssetEntry name and sha256 in hex, size in bytes */
/** @typedef {{ site: string, course: string, epoch: number, params: string, m: number }} Scope what a file is made for */

/** @typedef {string | number | Uint8Array} Part a text, a number in four bytes, or bytes */

/** A file, keyring or code that was refused; kind is the failure class of the specification. */
export class ProtocolError extends Error {
  get kind() {
    return this.message;
  }
}

/** @param {string} kind @returns {never} */
const fail = (kind) => {
  throw new ProtocolError(kind);
};

// Primitives

const { subtle } = crypto;
const TAG = 16;

/** What WebCrypto wants to see. @param {Uint8Array} bytes */
export const own = (bytes) => /** @type {Uint8Array<ArrayBuffer>} */ (bytes);
/** @param {Uint8Array} bytes @param {string} kind of the failure */
const text = (bytes, kind) => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail(kind);
  }
};
/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
/** UTF-8, a big-endian u32, or what it is. @param {Part} part @returns {Uint8Array} */
const encode = (part) => (typeof part === "string" ? new TextEncoder().encode(part) : typeof part === "number" ? Uint8Array.of(part >>> 24, part >>> 16, part >>> 8, part) : part);
/** @param {Part[]} parts */
export const join = (...parts) => {
  const all = parts.map(encode);
  const out = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  all.reduce((at, part) => (out.set(part, at), at + part.length), 0);
  return out;
};
/** As long as a. @param {Uint8Array} a @param {Uint8Array} b */
const xor = (a, b) => a.map((byte, i) => byte ^ b[i]);
/** Big-endian, of as many bytes as there are. @param {Uint8Array} b */
export const toNumber = (b) => b.reduce((n, byte) => n * 256 + byte, 0);
/** @param {Part} part */
export const sha256 = async (part) => new Uint8Array(await subtle.digest("SHA-256", own(encode(part))));

/**
 * HKDF-SHA256 with the salt "bookplate/v1"; info is label and parts, each with its length in two bytes.
 * @param {Uint8Array} ikm @param {string} label @param {Part[]} parts @returns {Promise<Uint8Array>} 32 bytes
 */
export async function derive(ikm, label, ...parts) {
  const info = [];
  for (const part of [label, ...parts]) {
    const bytes = encode(part);
    const field = bytes.length > 128 ? await sha256(bytes) : bytes;
    info.push(Uint8Array.of(0, field.length), field);
  }
  const key = await subtle.importKey("raw", own(ikm), "HKDF", false, ["deriveBits"]);
  return new Uint8Array(await subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: own(encode("bookplate/v1")), info: join(...info) }, key, 256));
}

/** @param {Uint8Array} key @param {string} kind of the failure @returns {Promise<(iv: Uint8Array, aad: Uint8Array, sealed: Uint8Array) => Promise<Uint8Array>>} */
async function aes(key, kind) {
  const imported = await subtle.importKey("raw", own(key), "AES-GCM", false, ["decrypt"]);
  return async (iv, aad, sealed) =>
    new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv: own(iv), additionalData: own(aad) }, imported, own(sealed)).catch(() => fail(kind)));
}

// Codes

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A weighted sum over GF(32), which sees any wrong character and any two swapped. @param {number[]} values */
const check = (values) => values.reduce((sum, v) => ((sum = (sum ^ v) << 1) & 32 ? sum ^ 37 : sum), 0);
/** @param {number[]} values */
const format = (values) => [...values, check(values)].map((v) => ALPHABET[v]).join("").replace(/.{5}/g, "$&-");

/** A new claim code: 125 random bits, as a person reads it. */
export const newCode = () => format([...crypto.getRandomValues(new Uint8Array(25))].map((b) => b & 31));

/**
 * Reads what a person typed: case, spaces, hyphens, O for 0, I and L for 1.
 * @param {string} typed @returns {string} the code in groups of five
 */
export function parseCode(typed) {
  if (typed.length > 256) fail("length");
  const plain = typed.normalize("NFKC").replace(/[\t\n\r \u2000-\u2015\u2212\ufeff-]/g, "").replace(/o/gi, "0").replace(/[il]/gi, "1");
  const values = Array.from(plain, (c) => ALPHABET.indexOf(c.toUpperCase()));
  const last = values.pop();
  if (last === -1 || values.includes(-1)) fail("character");
  if (values.length !== 25) fail("length");
  return check(values) === last ? format(values) : fail("check");
}

/** The 25 characters without hyphens. @param {string} code */
const material = (code) => encode(parseCode(code).replaceAll("-", "").slice(0, 25));

/** What a checkout link carries of a code. @param {string} code @param {string} site @returns {Promise<string>} 64 hexadecimal digits */
export const claimHash = async (code, site) => hex(await derive(material(code), "claim hash", site));

// Fields

/** Text without control characters, in form C. @param {Uint8Array} bytes */
const line = (bytes) => {
  const found = text(bytes, "header");
  return /\p{Cc}/u.test(found) || found !== found.normalize() ? fail("header") : found;
};

export class Reader {
  /** @param {Uint8Array} bytes @param {string} [short] the failure when bytes are missing */
  constructor(bytes, short = "truncated") {
    this.bytes = bytes;
    this.short = short;
    this.at = 0;
  }
  /** @param {number} n */
  take(n) {
    return n > this.bytes.length - this.at ? fail(this.short) : this.bytes.subarray(this.at, (this.at += n));
  }
  u8() {
    return this.take(1)[0];
  }
  u32() {
    return toNumber(this.take(4));
  }
  rest() {
    return this.bytes.subarray(this.at);
  }
  id() {
    const id = this.take(this.u8());
    return id.length && id.length < 129 ? line(id) : fail("header");
  }
  /** Magic, version, kind. @param {number} kind */
  start(kind) {
    if (text(this.take(4), "magic") !== "BKPL") fail("magic");
    if (this.u8() !== 1) fail("version");
    if (this.u8() !== kind) fail("kind");
  }
  /** @returns {Scope} */
  scope() {
    const [site, course, epoch, set, m, generation] = [this.id(), this.id(), this.u32(), this.u32(), this.u32(), this.u32()];
    if ((set !== 2 && set !== 4) || m < 64 || m > 65536 || m & (m - 1)) fail("header");
    return { site, course, epoch, params: [set, m, generation].join("."), m };
  }
}

/** @param {Pick<Scope, "site" | "course" | "epoch" | "params">} wanted @param {Scope} found */
const expect = (wanted, found) => {
  for (const field of /** @type {const} */ (["site", "course", "epoch", "params"])) if (wanted[field] !== found[field]) fail(field);
};
/** @param {number} found @param {number} wanted */
const expectLength = (found, wanted) => found !== wanted && fail(found < wanted ? "truncated" : "trailing");

// Keyring

/** One of the two keys of every position of a course in one epoch. */
export class Keyring {
  /** @param {Reader} reader behind the kind */
  constructor(reader) {
    this.scope = reader.scope();
    const n = reader.u8();
    const field = reader.take(127);
    if (n > 127 || field.subarray(n).some(Boolean)) fail("header");
    /** Whose copy it is: a stranger's text, never HTML. */
    this.display = line(field.subarray(0, n));
    this.slots = reader.take(this.scope.m / 8);
    this.keys = reader.take(this.scope.m * 16);
  }
  /** @param {Uint8Array} bytes */
  static async parse(bytes) {
    const end = bytes.length - 32;
    if (end < 0) fail("truncated");
    if (hex(await sha256(bytes.subarray(0, end))) !== hex(bytes.subarray(end))) fail("checksum");
    const reader = new Reader(bytes.subarray(0, end));
    reader.start(3);
    const keyring = new Keyring(reader);
    expectLength(bytes.length, reader.at + 32);
    return keyring;
  }
  /** @param {number} position @returns {0 | 1} */
  slot(position) {
    return this.slots[position >> 3] & (128 >> (position & 7)) ? 1 : 0;
  }
  /** @param {number} position */
  key(position) {
    return this.keys.subarray(16 * position, 16 * position + 16);
  }
}

// Sealed lesson

const HTML_MAX = 2 ** 26;
const SEGMENT = 65536;

/** What stands inside a padded body. @param {Uint8Array} body @param {boolean} least whether the padding must be shorter than a block */
function unpad(body, least) {
  const end = 4 + toNumber(body.subarray(0, 4));
  const zeros = body.subarray(end);
  if (end > body.length || body.length % 32 || (least && zeros.length > 31) || zeros.some(Boolean)) fail("padding");
  return body.subarray(4, end);
}

/** Inflates the parts as one stream of at most most bytes. @param {number} most @param {Uint8Array[]} parts */
async function inflate(most, ...parts) {
  const { body } = /** @type {{ body: any }} */ (new Response(own(join(...parts))));
  const reader = body.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const out = [];
  for (let size = 0; size <= most;) {
    const { done, value } = await reader.read().catch(() => fail("inflate"));
    if (done) return join(...out);
    out.push(value);
    size += value.length;
  }
  reader.cancel().catch(() => {});
  return fail("limit");
}

/** @param {Uint8Array} body @param {number} m */
function parseTable(body, m) {
  const reader = new Reader(body, "body");
  const count = (/** @type {number} */ most) => {
    const n = reader.u32();
    return n > most ? fail("limit") : n;
  };
  /** @type {AssetEntry[]} */
  const assets = [];
  for (let n = count(4096); n--;) {
    const [name, key, hash, size] = [hex(reader.take(16)), reader.take(32), hex(reader.take(32)), reader.u32()];
    if (size > 2 ** 28) fail("limit");
    const mediaType = text(reader.take(reader.u8()), "body");
    if (!/^[ -~]{1,127}$/.test(mediaType)) fail("body");
    assets.push({ name, key, sha256: hash, size, mediaType });
  }
  /** @type {{ position: number, len: number }[]} position -1: common HTML */
  const rows = [];
  let [common, pairs] = [0, 0];
  for (let n = count(65536); n--;) {
    const kind = reader.u8();
    const position = kind ? reader.u32() : -1;
    const len = reader.u32();
    if (kind > 1 || position >= m || (!kind && rows.at(-1)?.position === -1)) fail("body");
    if (kind && len > 131072) fail("limit");
    if (!len || (kind && len % 32)) fail("body");
    if (kind) pairs += 2 * (len + TAG);
    else common += len;
    rows.push({ position, len });
  }
  if (common > HTML_MAX) fail("limit");
  return { assets, rows, common, pairs, deflated: reader.rest() };
}

/**
 * Opens a sealed lesson with a copy's keyring, whole or not at all.
 * @param {Keyring} keyring @param {Uint8Array} bytes @returns {Promise<{ html: string, assets: AssetEntry[] }>}
 */
export async function openLesson(keyring, bytes) {
  if (bytes.length > 2 ** 27) fail("limit");
  const reader = new Reader(bytes);
  reader.start(1);
  const scope = reader.scope();
  reader.take(16);
  const salt = reader.take(16);
  const gates = Array.from({ length: 16 }, () => {
    const [position, ...masked] = [reader.u32(), reader.take(16), reader.take(16)];
    return position < scope.m ? { position, masked } : fail("header");
  });
  const masked = reader.take(4);
  expect(keyring.scope, scope);
  const shares = gates.map(async ({ position, masked }, i) =>
    xor(masked[keyring.slot(position)], await derive(keyring.key(position), "gate", salt, i)));
  const fileKey = await derive(join(...(await Promise.all(shares))), "file", salt);
  const [digest, mask, bodyKey] = await Promise.all([sha256(bytes.subarray(0, reader.at)), derive(fileKey, "length"), derive(fileKey, "body")]);

  /** @param {Uint8Array} key @param {string} kind @param {number} index @param {number} slot @param {Uint8Array} sealed */
  const open = async (key, kind, index, slot, sealed) =>
    (await aes(key, kind))(join(new Uint8Array(8), index), join(digest, index, Uint8Array.of(slot)), sealed);

  const length = toNumber(xor(masked, mask));
  if (length > bytes.length - reader.at) fail("gate");
  const table = parseTable(unpad(await open(bodyKey, "gate", 0, 0, reader.take(length)), true), scope.m);
  expectLength(bytes.length - reader.at, table.pairs);
  const common = await inflate(table.common, table.deflated, Uint8Array.of(3, 0));
  if (common.length !== table.common) fail("inflate");

  // A wording refers back to the last 32 KiB of common HTML: they go before it as one stored block.
  const dictionary = common.subarray(-32768);
  const n = dictionary.length;
  const stored = Uint8Array.of(0, n, n >> 8, ~n, ~n >> 8);
  let [at, index] = [0, 0];
  const pieces = await Promise.all(table.rows.map(async ({ position, len }) => {
    if (position < 0) return common.subarray(at, (at += len));
    const number = ++index;
    const slot = keyring.slot(position);
    const sealed = [reader.take(len + TAG), reader.take(len + TAG)][slot];
    const key = await derive(join(fileKey, keyring.key(position)), "pair", salt, position, slot);
    const blocks = unpad(await open(key, "pair", number, slot, sealed), false);
    return (await inflate(n + SEGMENT, stored, dictionary, blocks)).subarray(n);
  }));
  const html = join(...pieces);
  return html.length > HTML_MAX ? fail("limit") : { html: text(html, "body"), assets: table.assets };
}

// Sealed asset

/**
 * Opens an image or a download by its entry in the lesson.
 * @param {AssetEntry} entry @param {Uint8Array} bytes
 */
export async function openAsset({ name, key, sha256: hash, size }, bytes) {
  if (hex(await sha256(bytes)) !== hash) fail("checksum");
  const reader = new Reader(bytes);
  reader.start(2);
  reader.scope();
  if (hex(reader.take(16)) !== name) fail("header");
  const count = Math.ceil(size / SEGMENT) || 1;
  expectLength(bytes.length - reader.at, size + count * TAG);
  const [aad, open] = await Promise.all([sha256(bytes.subarray(0, reader.at)), aes(key, "segment")]);
  const out = new Uint8Array(size);
  for (let i = 0; i < count; i++) {
    const last = i + 1 === count;
    const sealed = last ? reader.rest() : reader.take(SEGMENT + TAG);
    out.set(await open(join(new Uint8Array(7), i, Uint8Array.of(+last)), aad, sealed), SEGMENT * i);
  }
  return out;
}

// Static keyring

/** A code's characters, or those of a provider's licence key. @param {string} typed */
function secret(typed) {
  try {
    return material(typed);
  } catch {
    const licence = typed.normalize("NFKC").trim().replace(/[a-z]/g, (c) => c.toUpperCase());
    return /^[!-~]{16,128}$/.test(licence) ? encode("licence:" + licence) : fail("code");
  }
}

/** The file that lies beside the site for this code. @param {string} code @param {string} site @param {string} course @param {number} epoch */
export const staticPath = async (code, site, course, epoch) =>
  hex((await derive(secret(code), "static path", site, course, epoch)).subarray(0, 16)) + ".bin";

/**
 * Opens that file.
 * @param {string} code @param {string} site @param {string} course @param {number} epoch @param {Uint8Array} bytes
 * @returns {Promise<Uint8Array>} the bytes of a keyring, checked
 */
export async function openStatic(code, site, course, epoch, bytes) {
  if (bytes.length > 2 ** 27) fail("limit");
  const reader = new Reader(bytes);
  reader.start(4);
  const salt = reader.take(16);
  const header = bytes.subarray(0, reader.at);
  const open = await aes(await derive(secret(code), "static keyring", site, course, epoch, salt), "code");
  const inside = await open(new Uint8Array(12), header, reader.rest());
  const { scope } = await Keyring.parse(inside);
  expect({ site, course, epoch, params: scope.params }, scope);
  return inside;
}
