// What only an endpoint makes: keyrings and tokens, under the site's key. Twin of src/protocol/{key,keyring,token}.rs.

import { derive, hex, join, own, sha256, toNumber } from "../protocol.js";

/** @typedef {{ order: string, seat: number, id: Uint8Array, issued: number, expires: number }} Token times in seconds since 1970 */

const { subtle } = crypto;
const KEY = "bookplate_site_key_v1_";
const TOKEN = "bookplate_token_v1_";
const LIFETIME = 400 * 86400;
const SKEW = 300;

/** @param {Uint8Array} key @returns {Promise<CryptoKey>} */
export const macKey = (key) => subtle.importKey("raw", own(key), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
/** HMAC-SHA256. @param {CryptoKey} key @param {Uint8Array} bytes */
export const hmac = async (key, bytes) => new Uint8Array(await subtle.sign("HMAC", key, own(bytes)));
/** Whether a code fits, in constant time. @param {CryptoKey} key @param {Uint8Array} bytes @param {Uint8Array} mac */
export const fits = (key, bytes, mac) => subtle.verify("HMAC", key, own(mac), own(bytes));
/** Strict lower-case hexadecimal of 32 bytes. @param {unknown} digits @returns {Uint8Array | null} */
export const unhex = (digits) =>
  typeof digits === "string" && /^[0-9a-f]{64}$/.test(digits) ? Uint8Array.from({ length: 32 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16)) : null;

/** Each byte becomes a character of two: several times faster than character by character. @param {Uint8Array} bytes */
export const base64 = (bytes) => btoa(new TextDecoder("utf-16le").decode(Uint16Array.from(bytes)));
/** Without padding, in the alphabet of addresses. @param {Uint8Array} bytes */
const base64url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @param {string} typed the text form of a site key @returns {Promise<Uint8Array>} its 32 bytes */
export async function parseSiteKey(typed) {
  const text = typed.trim();
  const key = unhex(text.slice(KEY.length, -8));
  if (key && KEY + hex(key) + hex(await sha256(join(KEY, key))).slice(0, 8) === text) return key;
  throw new Error("BOOKPLATE_SITE_KEY is missing or mistyped");
}

/** Keystream of a derived key. @param {number} n bytes @param {Parameters<typeof derive>} of */
async function stream(n, ...of) {
  const imported = await subtle.importKey("raw", own(await derive(...of)), "AES-CTR", false, ["encrypt"]);
  return new DataView(await subtle.encrypt({ name: "AES-CTR", counter: new Uint8Array(16), length: 128 }, imported, new Uint8Array(n)));
}

/** A text with its length in a byte. @param {string} text */
const short = (text) => join(Uint8Array.of(join(text).length), text);
/** Provider and id of an order. @param {string} order */
export const split = (order) => order.split(/:(.*)/s, 2);

/**
 * The keyring of one copy.
 * @param {Uint8Array} siteKey @param {string} site @param {import("./core.js").Course} course @param {number} epoch
 * @param {string} order @param {number} seat @param {string} display @param {Record<string, Promise<DataView>>} drawn what is the same for all copies, kept
 */
export async function keyring(siteKey, site, { id, params }, epoch, order, seat, display, drawn) {
  const numbers = params.split(".").map(Number);
  const code = join(...numbers);
  const [set, m] = numbers;
  const buyer = await derive(siteKey, "buyer", site, ...split(order), seat);
  const [pairs, word, bias] = await Promise.all([
    (drawn[`${epoch} ${id}`] ??= derive(siteKey, "course", site, id, epoch, code).then((course) => stream(32 * m, course, "positions"))),
    stream(4 * m, siteKey, "codeword", site, id, code, buyer.subarray(0, 16)),
    set > 2 ? (drawn[` ${id}`] ??= stream(4 * m, siteKey, "bias", site, id, code)) : null,
  ]);
  // A key is two words of eight bytes.
  const [slots, keys, all] = [new Uint8Array(m / 8), new BigUint64Array(2 * m), new BigUint64Array(pairs.buffer)];
  for (let j = 0; j < m; j++) {
    const threshold = !bias ? 2 ** 31 : bias.getUint32(4 * j) < 2 ** 31 ? 907633385 : 3387333910;
    const slot = +(word.getUint32(4 * j) < threshold);
    slots[j >> 3] |= slot << (7 - (j & 7));
    for (const i of [0, 1]) keys[2 * j + i] = all[4 * j + 2 * slot + i];
  }
  const line = short(display.normalize());
  const file = join("BKPL\x01\x03", short(site), short(id), epoch, code, line, new Uint8Array(128 - line.length), slots, new Uint8Array(keys.buffer));
  return join(file, await sha256(file));
}

/** @param {number} n below 2^53 */
const u64 = (n) => join(n / 2 ** 32, n);
/** @param {CryptoKey} key of the site's tokens @param {string} site @param {Uint8Array} id 16 random bytes @param {string} order @param {number} seat @param {number} now */
export async function mint(key, site, id, order, seat, now) {
  const fields = join(short(site), id, ...split(order).map(short), seat, u64(now), u64(now + LIFETIME));
  return TOKEN + base64url(join(fields, await hmac(key, join(TOKEN, fields))));
}

/**
 * What a token says, if it is one of this site and of this time: the code first, and only then the fields.
 * @param {CryptoKey} key @param {string} site @param {string} text @param {number} now @returns {Promise<Token | null>}
 */
export async function readToken(key, site, text, now) {
  if (text.length > 1024) return null;
  const bytes = Uint8Array.from(atob(text.slice(TOKEN.length).replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const fields = bytes.subarray(0, -32);
  // Only the one way to write it is good.
  if (TOKEN + base64url(bytes) !== text || !(await fits(key, join(TOKEN, fields), bytes.subarray(-32)))) return null;
  let at = 0;
  const take = (/** @type {number} */ n) => fields.subarray(at, (at += n));
  const word = () => new TextDecoder().decode(take(take(1)[0]));
  const [of, id, provider, number] = [word(), take(16), word(), word()];
  const [seat, issued, expires] = [4, 8, 8].map((n) => toNumber(take(n)));
  return at === fields.length && of === site && provider && number && issued <= now + SKEW && expires > now ? { order: `${provider}:${number}`, seat, id, issued, expires } : null;
}
