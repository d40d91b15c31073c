// A store in Netlify Blobs. Every write is conditional, every read is consistent.

/**
 * @typedef {{
 *   getWithMetadata(key: string, options: { type: "json" }): Promise<{ data: any, etag?: string } | null>,
 *   setJSON(key: string, data: unknown, options: object): Promise<{ modified: boolean, etag?: string }>,
 *   delete(key: string): Promise<void>,
 *   list(options: { prefix: string }): Promise<{ blobs: { key: string }[] }>,
 * }} Blobs what we use of the package's store
 */

/**
 * @param {() => Blobs} open gives a store that was made with `consistency: "strong"`; called each time, for its access may be renewed
 * @returns {import("./books.js").Store}
 */
export const blobs = (open) => ({
  async get(key) {
    const found = await open().getWithMetadata(key, { type: "json" });
    return found && { value: found.data, etag: found.etag ?? "" };
  },
  async put(key, value, etag) {
    // Without one the client would write whatever stands there.
    if (etag === "") throw new Error("no etag");
    const { modified, etag: written } = await open().setJSON(key, value, etag ? { onlyIfMatch: etag } : { onlyIfNew: true });
    // For the client a conditional write that failed with an error is one that was made; it has no etag.
    if (modified && !written) throw new Error("no etag of what was written");
    return modified;
  },
  delete: (key) => open().delete(key),
  async list(prefix) {
    return (await open().list({ prefix })).blobs.map((one) => one.key);
  },
});
