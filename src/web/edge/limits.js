// How often something may be asked for. Levels are sixtieths of a call, so that a second's refill is a whole number.

/** @typedef {{ level?: number, at?: number, wait?: number }} Level at is when, in seconds since 1970; wait is 0, or the seconds until there is a call again; empty is full */

import { refuse } from "./answer.js";

/** Takes one call. @param {number} now @param {number} atOnce @param {number} aMinute @param {Level} [before] */
export function take(now, atOnce, aMinute, { level = Infinity, at = now } = {}) {
  const left = Math.min(atOnce * 60, level + Math.max(0, now - at) * aMinute) - 60;
  return left < 0 ? { level: left + 60, at: now, wait: Math.ceil(-left / aMinute) } : { level: left, at: now, wait: 0 };
}

/** Takes one call, or refuses it. @param {number} now @param {Level} what is changed @param {number} [atOnce] @param {number} [aMinute] */
export function limit(now, what, atOnce = 40, aMinute = 60) {
  const { wait } = Object.assign(what, take(now, atOnce, aMinute, what));
  if (wait) refuse("wait", wait);
}

/** Notes by name, kept until there are too many: whoever asks for so many things is held by another limit. @template {object} T @param {number} most */
export const notes = (most) => {
  /** @type {Map<string, Partial<T>>} */
  const all = new Map();
  return (/** @type {string} */ name) => {
    if (all.size >= most) all.clear();
    const note = all.get(name) ?? {};
    all.set(name, note);
    return note;
  };
};
