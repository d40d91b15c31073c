// How often something may be asked for. Levels are sixtieths of a call, so that a second's refill is a whole number.

/** @typedef {{ level: number, at: number }} Level at in seconds since 1970 */

/**
 * Takes one call.
 * @param {Level | undefined} before @param {number} atOnce @param {number} aMinute @param {number} now
 * @returns {Level & { wait: number }} wait is 0, or the seconds until there is one again
 */
export function take(before, atOnce, aMinute, now) {
  const full = atOnce * 60;
  const level = before ? Math.min(full, before.level + Math.max(0, now - before.at) * aMinute) : full;
  return level < 60 ? { level, at: now, wait: Math.ceil((60 - level) / aMinute) } : { level: level - 60, at: now, wait: 0 };
}

/** One bucket for each thing that is asked for; in memory, and bounded. @param {number} atOnce @param {number} aMinute */
export function buckets(atOnce, aMinute) {
  /** @type {Map<string, Level>} */
  const all = new Map();
  return (/** @type {string} */ what, /** @type {number} */ now) => {
    if (all.size > 20000) {
      for (const [key, { level, at }] of all) if (level + (now - at) * aMinute >= atOnce * 60) all.delete(key);
      if (all.size > 20000) all.clear();
    }
    const next = take(all.get(what), atOnce, aMinute, now);
    all.set(what, next);
    return next.wait;
  };
}
