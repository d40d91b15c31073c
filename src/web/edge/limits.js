// How often something may be asked for. Levels are sixtieths of a call, so that a second's refill is a whole number.

/** @typedef {{ level: number, at: number, wait: number }} Level at is when, in seconds since 1970; wait is 0, or the seconds until there is a call again */

/** Takes one call. @param {Level | undefined} before @param {number} atOnce @param {number} aMinute @param {number} now @returns {Level} */
export function take(before, atOnce, aMinute, now) {
  const level = Math.min(atOnce * 60, before ? before.level + Math.max(0, now - before.at) * aMinute : Infinity) - 60;
  return level < 0 ? { level: level + 60, at: now, wait: Math.ceil(-level / aMinute) } : { level, at: now, wait: 0 };
}

/** A map that forgets everything when it is full: whoever asks for so many things is held by another limit. @template T @param {number} most */
export const small = (most) => {
  /** @type {Map<string, T>} */
  const all = new Map();
  return { get: (/** @type {string} */ key) => all.get(key), set: (/** @type {string} */ key, /** @type {T} */ value) => (all.size < most || all.clear(), all.set(key, value)) };
};
