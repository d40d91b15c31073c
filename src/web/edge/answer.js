// What clients are told, a small set of fixed texts, and what they may send.

import { join } from "../protocol.js";

/** Statuses, each with its words, and with the seconds after which to ask again. @type {[number, string, number?][]} */
const WORDS = [[202, "pending", 3], [400, "malformed"], [401, "signature"], [403, "refunded expired revoked locked token course"], [404, "unknown"],
  [405, "method"], [413, "large"], [429, "devices wait"], [503, "unavailable", 10]];

/** @param {unknown} value @param {number} [status] @param {Record<string, string>} [headers] */
export const json = (value, status = 200, headers) => new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json", ...headers } });

/** An answer that is not the thing asked for. @param {string} word @param {number} [wait] seconds @param {Record<string, string>} [headers] */
export function refusal(word, wait, headers) {
  const [status, , usual] = WORDS.find(([, words]) => words.includes(word)) ?? [503];
  const retryAfter = wait ?? usual;
  return json(status === 202 ? { retryAfter, status: word } : { error: word, retryAfter }, status, { ...headers, ...(retryAfter && { "retry-after": `${retryAfter}` }) });
}

/** @param {Parameters<typeof refusal>} asked @returns {never} */
export const refuse = (...asked) => {
  throw refusal(...asked);
};

/** Reads a body, if it is not too long. @param {Request | Response} message @param {number} most bytes */
export async function bytes({ headers, body }, most) {
  const parts = [];
  let left = most;
  if (Number(headers.get("content-length")) > most) refuse("large");
  for await (const part of /** @type {any} */ (body ?? [])) {
    parts.push(part);
    if ((left -= part.length) < 0) refuse("large");
  }
  return join(...parts);
}

/** What other parsers of JSON refuse: half a character, a number without end, and what is nested 128 deep. @param {any} value @param {number} depth @returns {boolean} */
const isSound = (value, depth) => {
  if (typeof value === "string") return !/\p{Cs}/u.test(value);
  if (typeof value === "number") return Number.isFinite(value);
  return !value || value === true || (depth < 127 && Object.entries(value).flat().every((inside) => isSound(inside, depth + 1)));
};

/** @param {Uint8Array} bytes @param {(text: string) => any} [read] @returns {any} */
export function parse(bytes, read = JSON.parse) {
  try {
    const value = read(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    if (isSound(value, 0)) return value;
  } catch {}
  return refuse("malformed");
}

/** A member of a request that is a text of at most so many bytes; null counts as absent. @param {any} value @param {number} [most] @returns {string | undefined} */
export function text(value, most = 256) {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" && join(value).length <= most ? value : refuse("malformed");
}

/** @param {any} value @returns {string} */
export const id = (value) => (text(value, 128) && value === value.normalize().replace(/\p{Cc}/gu, "") ? value : refuse("malformed"));
