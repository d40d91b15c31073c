// Opens the pairs of a sealed lesson one by one, with whatever key is tried: a third writing of that section of the specification, on
// node:crypto. Only tests use it.
import { createDecipheriv, createHash } from "node:crypto";
import { derive } from "./reference.mjs";

const TAG = 16;
const u32 = (n) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(n);
  return out;
};

/** The plaintext, or null where the key does not open it. */
function open(key, index, digest, slot, sealed) {
  const cipher = createDecipheriv("aes-256-gcm", key, Buffer.concat([Buffer.alloc(8), u32(index)]));
  cipher.setAAD(Buffer.concat([digest, u32(index), Buffer.of(slot)])).setAuthTag(sealed.subarray(-TAG));
  try {
    return Buffer.concat([cipher.update(sealed.subarray(0, -TAG)), cipher.final()]);
  } catch {
    return null;
  }
}

/**
 * The pairs of a file as the holder of a keyring finds them.
 * @param {{ slot(position: number): 0 | 1, key(position: number): Uint8Array }} keyring @param {Uint8Array} file
 * @returns {{ position: number, slot: 0 | 1, tries(key: Uint8Array, slot: number, body: number): Buffer | null }[]}
 *   `tries`: the body that is sealed for slot `body`, under a key that is derived from a position key and a slot
 */
export function pairsOf(keyring, file) {
  const bytes = Buffer.from(file);
  let at = 6;
  const take = (n) => bytes.subarray(at, (at += n));
  const word = () => take(4).readUInt32BE();
  take(take(1)[0]); // site
  take(take(1)[0]); // course
  take(16); // epoch and parameters
  take(16); // name
  const salt = take(16);
  const shares = Array.from({ length: 16 }, (_, i) => {
    const position = word();
    const masked = [take(16), take(16)][keyring.slot(position)];
    const mask = derive(keyring.key(position), "gate", salt, i);
    return masked.map((byte, k) => byte ^ mask[k]);
  });
  const fileKey = derive(Buffer.concat(shares), "file", salt);
  const length = (word() ^ derive(fileKey, "length").readUInt32BE()) >>> 0;
  const digest = createHash("sha256").update(bytes.subarray(0, at)).digest();
  const zero = open(derive(fileKey, "body"), 0, digest, 0, take(length));
  if (!zero) throw new Error("body 0 does not open");
  const pairs = rows(zero.subarray(4)).map(([position, size], i) => {
    const bodies = [take(size + TAG), take(size + TAG)];
    return {
      position,
      slot: keyring.slot(position),
      tries: (key, slot, body) => open(derive(Buffer.concat([fileKey, key]), "pair", salt, position, slot), i + 1, digest, body, bodies[body]),
    };
  });
  if (at !== bytes.length) throw new Error("the pairs do not fill the file");
  return pairs;
}

/** Position and padded length of each pair in a table. @param {Buffer} table */
function rows(table) {
  let at = 0;
  const word = () => table.readUInt32BE((at += 4) - 4);
  for (let n = word(); n--;) {
    at += 16 + 32 + 32 + 4;
    at += 1 + table[at];
  }
  const found = [];
  for (let n = word(); n--;) {
    const pair = table[at++];
    if (pair) found.push([word(), word()]);
    else word();
  }
  return found;
}
