// Which devices opened an order: rows in, rows out.

/** @typedef {{ id: string | null, token: string, first: number, last: number }} Device id and token are digests; id null: cleared */

/** Thirty new devices in thirty days: a family with all its browsers, not a forum. */
const MOST = 30;
export const SPAN = 30 * 86400;

/** How long a new device has to wait, in seconds. @param {Device[]} rows @param {string} id @param {number} now */
export function wait(rows, id, now) {
  const lately = rows.map(({ first }) => first + SPAN - now).filter((left) => left > 0);
  return rows.some((row) => row.id === id) || lately.length < MOST ? 0 : Math.min(...lately);
}

/** Notes that a device holds a token. @param {Device[]} rows @param {string} id @param {string} token @param {number} now */
export const admit = (rows, id, token, now) => [
  ...rows.filter((row) => row.id !== id && (row.id || row.first + SPAN > now)),
  { first: now, ...rows.find((row) => row.id === id), id, token, last: now },
];

/** Notes that a token was used, and which one took its place. @param {Device[]} rows @param {string} token @param {string} next @param {number} now */
export const touch = (rows, token, next, now) => rows.map((row) => (row.id && row.token === token ? { ...row, token: next, last: now } : row));

/** Forgets which devices there were, but for one; how many came lately is still known. @param {Device[]} rows @param {string} token */
export const clear = (rows, token) => rows.map((row) => (row.token === token ? row : { ...row, id: null, token: "" }));

/** Last seen first. @param {Device[]} rows @param {string} token */
export const listed = (rows, token) => rows.filter(({ id }) => id).sort((a, b) => b.last - a.last || (`${a.id}` < `${b.id}` ? -1 : 1))
  .map((row) => ({ first: row.first, last: row.last, this: row.token === token }));
