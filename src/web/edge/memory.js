// A store that ends with the process: for tests and for trying things out.

/** @returns {import("./books.js").Store} */
export function memory() {
  /** @type {Map<string, { value: string, etag: string }>} */
  const all = new Map();
  let count = 0;
  return {
    async get(key) {
      const found = all.get(key);
      return found ? { value: JSON.parse(found.value), etag: found.etag } : null;
    },
    async put(key, value, etag) {
      if (all.get(key)?.etag !== etag) return false;
      all.set(key, { value: JSON.stringify(value), etag: String(++count) });
      return true;
    },
    async delete(key) {
      all.delete(key);
    },
    async list(prefix) {
      return [...all.keys()].filter((key) => key.startsWith(prefix));
    },
  };
}
