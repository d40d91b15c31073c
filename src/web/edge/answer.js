// What clients are told, a small set of fixed texts, and what they may send.

import { join, utf8 } from "../protocol.js";

/** Word, status, and seconds after which to ask again. @type {Record<string, [number, number?]>} */
const WORDS = {
  pending: [202, 3], malformed: [400], signature: [401], refunded: [403], expired: [403], revoked: [403], locked: [403], token: [403],
  course: [403], unknown: [404], method: [405], slow: [408], large: [413], devices: [429], wait: [429], unavailable: [503, 10],
};
const BODY_TIME = 10000;

/** An answer that is not the thing asked for. */
export class Refusal extends Error {
  /** @param {string} word @param {number} [wait] seconds */
  constructor(word, wait = WORDS[word][1]) {
    super(word);
    this.wait = wait;
  }
  response() {
    const { message: word, wait: retryAfter } = this;
    const response = json(word === "pending" ? { retryAfter, status: word } : { error: word, retryAfter }, WORDS[word][0]);
    if (retryAfter) response.headers.set("retry-after", String(retryAfter));
    return response;
  }
}

/** @param {string} word @param {number} [wait] @returns {never} */
export const refuse = (word, wait) => {
  throw new Refusal(word, wait);
};

/** @param {unknown} value @param {number} [status] @param {string} [type] a text goes as it is */
export const json = (value, status = 200, type = "application/json") =>
  new Response(typeof value === "string" ? value : JSON.stringify(value), { status, headers: { "content-type": type } });

/** Reads a body that is not too long and not too slow. @param {Request | Response} message @param {number} most bytes */
export async function bytes({ headers, body }, most) {
  if (Number(headers.get("content-length")) > most) refuse("large");
  const reader = body?.getReader();
  const parts = [];
  /** @type {any} */
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Refusal("slow")), BODY_TIME)));
  try {
    for (let size = 0; reader;) {
      const { done, value } = await /** @type {Promise<any>} */ (Promise.race([reader.read(), late]));
      if (done) break;
      if ((size += value.length) > most) refuse("large");
      parts.push(value);
    }
    return join(...parts);
  } catch (error) {
    reader?.cancel().catch(() => {});
    throw error instanceof Refusal ? error : new Refusal("malformed");
  } finally {
    clearTimeout(timer);
  }
}

/** Members of a request that are texts of at most so many bytes; null counts as absent. @param {any} asked @param {Record<string, number>} limits */
export function texts(asked, limits) {
  if (!asked || typeof asked !== "object" || Array.isArray(asked)) refuse("malformed");
  /** @type {Record<string, string | undefined>} */
  const found = {};
  for (const [name, most] of Object.entries(limits)) {
    const value = asked[name] ?? undefined;
    if (value !== undefined && (typeof value !== "string" || utf8(value).length > most || /\p{Cs}/u.test(value))) refuse("malformed");
    found[name] = value;
  }
  return found;
}

/** @param {string | undefined} id */
export const isId = (id) => !!id && utf8(id).length < 129 && !/\p{Cc}/u.test(id) && id === id.normalize();
