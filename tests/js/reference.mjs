// A second, independent writing of the endpoint's half of the specification, on node:crypto. Only tests use it.
import { createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";

export class Refused extends Error {
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

const refuse = (kind) => {
  throw new Refused(kind);
};

const u32 = (n) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n);
  return out;
};

const encoded = (part) => (typeof part === "string" ? Buffer.from(part, "utf8") : typeof part === "number" ? u32(part) : Buffer.from(part));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const hmac = (key, ...pieces) => createHmac("sha256", key).update(Buffer.concat(pieces.map(encoded))).digest();

export function derive(ikm, label, ...parts) {
  const info = [label, ...parts].flatMap((part) => {
    let bytes = encoded(part);
    if (bytes.length > 128) bytes = sha256(bytes);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.from(hkdfSync("sha256", ikm, "bookplate/v1", Buffer.concat(info), 32));
}

const stream = (key, length) => createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
const wordsOf = (bytes) => Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i));

/** floor(p * 2^32) of each bias, lower half of the words first. */
const THRESHOLDS = { 2: [2 ** 31, 2 ** 31], 4: [1 - 1 / Math.sqrt(3), 1 + 1 / Math.sqrt(3)].map((p) => Math.floor((p / 2) * 2 ** 32)) };
const thresholds = (set, words) => words.map((word) => THRESHOLDS[set][word < 2 ** 31 ? 0 : 1]);
const pack = (slots) => Buffer.from(Array.from({ length: slots.length / 8 }, (_, i) => slots.slice(8 * i, 8 * i + 8).reduce((byte, slot) => byte * 2 + slot, 0)));

const unhex = (digits) => Buffer.from(digits, "hex");
const part = ({ text, u32: n, u8, bytes }) => (text !== undefined ? encoded(text) : n !== undefined ? u32(n) : u8 !== undefined ? Buffer.of(u8) : unhex(bytes));

/** One step of a derivation vector. */
export function perform(op) {
  const [[name, what]] = Object.entries(op);
  switch (name) {
    case "stream": return stream(unhex(what.key), what.length);
    case "hmac": return hmac(unhex(what.key), ...what.message.map(part));
    case "sha256": return sha256(Buffer.concat(what.map(part)));
    case "first": return unhex(what.of).subarray(0, what.count);
    case "xor": return unhex(what[0]).map((byte, i) => byte ^ unhex(what[1])[i]);
    case "distinct": {
      const taken = [];
      for (let position of wordsOf(unhex(what.words)).map((word) => word % what.m)) {
        while (taken.includes(position)) position = (position + 1) % what.m;
        taken.push(position);
      }
      return Buffer.concat(taken.map(u32));
    }
    case "thresholds": return Buffer.concat(thresholds(what.set, wordsOf(unhex(what.bias))).map(u32));
    case "codeword": {
      const limits = wordsOf(unhex(what.thresholds));
      return pack(wordsOf(unhex(what.words)).map((word, i) => (word < limits[i] ? 1 : 0)));
    }
    case "address": {
      const h = unhex(what.of);
      return Buffer.concat([u32(h.readUInt32BE(0) % what.m), Buffer.of(h[4] & 1)]);
    }
    default: throw new Error(`unknown step ${name}`);
  }
}

export function parseSiteKey(text) {
  const prefix = "bookplate_site_key_v1_";
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix)) refuse("prefix");
  if (!/^[0-9a-f]{72}$/.test(trimmed.slice(prefix.length))) refuse("form");
  const all = unhex(trimmed.slice(prefix.length));
  const sum = sha256(Buffer.concat([Buffer.from(prefix), all.subarray(0, 32)]));
  return all.subarray(32).equals(sum.subarray(0, 4)) ? all.subarray(0, 32) : refuse("checksum");
}

export function verifyToken(siteKey, site, text, now) {
  const prefix = "bookplate_token_v1_";
  if (text.length > 1024) refuse("length");
  if (!text.startsWith(prefix)) refuse("prefix");
  const body = text.slice(prefix.length);
  const bytes = Buffer.from(body, "base64url");
  if (bytes.toString("base64url") !== body) refuse("encoding");
  if (bytes.length < 32) refuse("forged");
  const data = bytes.subarray(0, -32);
  if (!hmac(derive(siteKey, "token", site), prefix, data).equals(bytes.subarray(-32))) refuse("forged");
  let at = 0;
  const take = (n) => (at + n > data.length ? refuse("malformed") : data.subarray(at, (at += n)));
  const short = () => take(take(1)[0]).toString("utf8");
  const of = short();
  const id = take(16).toString("hex");
  const provider = short();
  const order = short();
  const seat = take(4).readUInt32BE();
  const [issued, expires] = [take(8), take(8)].map((b) => Number(b.readBigUInt64BE()));
  if (at !== data.length || !/^[a-z0-9_-]{1,32}$/.test(provider)) refuse("malformed");
  if (of !== site) refuse("site");
  if (issued > now + 300) refuse("early");
  if (expires <= now) refuse("expired");
  return { site: of, id, order: `${provider}:${order}`, seat, issued_at: issued, expires_at: expires };
}

/** One copy of a course: its slots, its keys, and the pairs that they are from. */
function copy({ site_key, provider, order_id, seat }, { site, course, epoch, params }) {
  const key = unhex(site_key);
  const numbers = params.split(".").map(Number);
  const [set, m] = numbers;
  const code = Buffer.concat(numbers.map(u32));
  const buyer = derive(key, "buyer", site, provider, order_id, seat).subarray(0, 16);
  const limits = thresholds(set, wordsOf(stream(derive(key, "bias", site, course, code), 4 * m)));
  const slots = wordsOf(stream(derive(key, "codeword", site, course, code, buyer), 4 * m)).map((word, j) => (word < limits[j] ? 1 : 0));
  const pairs = stream(derive(derive(key, "course", site, course, epoch, code), "positions"), 32 * m);
  const own = Buffer.concat(slots.map((slot, j) => pairs.subarray(32 * j + 16 * slot, 32 * j + 16 * slot + 16)));
  return { code, slots, pairs, own };
}

/** What a keyring of this order says, issued anew. */
export function issue(order, scope) {
  const { slots, own } = copy(order, scope);
  let { display } = order;
  while (Buffer.byteLength(display) > 127) display = display.slice(0, -1);
  const { site, course, epoch, params } = scope;
  return { site, course, epoch, params, display, slots: pack(slots).toString("hex"), keys_sha256: sha256(own).toString("hex") };
}

/** The file of a keyring, byte by byte, with the slots and the pairs of keys that it was made from. */
export function keyringFile(order, scope) {
  const { code, slots, pairs, own } = copy(order, scope);
  const short = (text) => [Buffer.of(Buffer.byteLength(text)), Buffer.from(text)];
  const display = Buffer.alloc(127);
  const length = display.write(order.display);
  const all = Buffer.concat([Buffer.from("BKPL\x01\x03"), ...short(scope.site), ...short(scope.course), u32(scope.epoch), code,
    Buffer.of(length), display, pack(slots), own]);
  return { bytes: new Uint8Array(Buffer.concat([all, sha256(all)])), slots, pairs };
}
