// Which devices opened an order: rows in, rows out.

/** @typedef {import("./books.js").Device} Device */

/** Thirty new devices in thirty days: a family with all its browsers, not a forum. */
const MOST = 30;
export const SPAN = 30 * 86400;

/**
 * Notes that a device holds a token.
 * @param {Device[]} rows @param {string} id @param {string} token @param {number} now
 * @returns {{ rows?: Device[], wait: number }} without rows it has to wait so many seconds
 */
export function admit(rows, id, token, now) {
  if (rows.some((row) => row.id === id)) return { rows: rows.map((row) => (row.id === id ? { ...row, token, last: Math.max(row.last, now) } : row)), wait: 0 };
  const isNew = (/** @type {Device} */ { first }) => first + SPAN > now;
  const lately = rows.filter(isNew);
  if (lately.length >= MOST) return { wait: Math.max(1, Math.min(...lately.map(({ first }) => first)) + SPAN - now) };
  return { rows: [...rows.filter((row) => row.id || isNew(row)), { id, token, first: now, last: now }], wait: 0 };
}

/** Notes that a token was used, and which one took its place. @param {Device[]} rows @param {string} token @param {string} next @param {number} now */
export const touch = (rows, token, next, now) => rows.map((row) => (row.id && row.token === token ? { ...row, token: next, last: Math.max(row.last, now) } : row));

/** Forgets which devices there were, but for one; how many came lately is still known. @param {Device[]} rows @param {string} token */
export const clear = (rows, token) => rows.map((row) => (row.token === token ? row : { ...row, id: null, token: "" }));

/** Last seen first. @param {Device[]} rows @param {string} token */
export const listed = (rows, token) => rows.filter((row) => row.id)
  .sort((a, b) => b.last - a.last || (String(a.id) < String(b.id) ? -1 : 1))
  .map((row) => ({ first: row.first, last: row.last, this: row.token === token }));
