// Which devices opened a copy: rows in, rows out.

import { refuse } from "./answer.js";

/** @typedef {{ id: string | null, token: string, first: number, last: number }} Device id and token are digests; id null: cleared */

/** Thirty new devices in thirty days: a family with all its browsers, not a forum. */
const MOST = 30;
const SPAN = 30 * 86400;

/** Those that came lately. @param {Device[]} rows @param {number} now */
export const recent = (rows, now) => rows.filter((one) => one.first > now - SPAN);

/** Notes that a device holds a token; a new one may have to wait. @param {Device[]} rows @param {string} id @param {string} token @param {number} now @returns {Device[]} */
export function admit(rows, id, token, now) {
  const [known, lately] = [rows.find((row) => row.id === id), recent(rows, now)];
  if (!known && lately.length >= MOST) refuse("devices", Math.min(...lately.map((one) => one.first)) + SPAN - now);
  return [...rows.filter((row) => row !== known && (row.id || lately.includes(row))), { first: now, ...known, id, token, last: now }];
}

/** Notes that a token was used, and which one took its place. @param {Device[]} rows @param {string} token @param {string} next @param {number} now */
export const touch = (rows, token, next, now) => rows.map((row) => (row.id && row.token === token ? { ...row, token: next, last: now } : row));

/** Forgets which devices there were, but for one; how many came lately is still known. @param {Device[]} rows @param {string} token */
export const clear = (rows, token) => rows.map((row) => (row.token === token ? row : { ...row, id: null, token: "" }));

/** Last seen first. @param {Device[]} rows @param {string} token */
export const listed = (rows, token) => rows.filter((one) => one.id).sort((a, b) => b.last - a.last || (`${a.id}` < `${b.id}` ? -1 : 1))
  .map((row) => ({ first: row.first, last: row.last, this: row.token === token }));
