// What this device keeps, in IndexedDB: keyrings, claims, returns from checkouts. Several sites on one origin do not meet.

/** @typedef {{ claim?: string, order?: string, licence?: string }} Proof what was entered: claim and order, or a licence key, or the code of a keyring beside the site */

/**
 * A course on this device. `bytes` is missing until the keyring was fetched; `closed` says why there is none any more.
 * @typedef {{ course: string, bytes?: Uint8Array, token?: string, proof?: Proof, checked: number, closed?: string }} Ring
 */

/** @typedef {Awaited<ReturnType<typeof openStore>>} Store */

const TABLE = "kept";

/** @param {string} site id */
export async function openStore(site) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(site)));
  const name = "bookplate-" + Array.from(hash.slice(0, 8), (b) => b.toString(16).padStart(2, "0")).join("");
  /** @type {IDBDatabase | null} */
  const db = await new Promise((done) => {
    try {
      const open = indexedDB.open(name, 1);
      open.onupgradeneeded = () => open.result.createObjectStore(TABLE);
      open.onsuccess = () => done(open.result);
      open.onerror = () => done(null);
    } catch {
      done(null);
    }
  });
  // Where the browser refuses to keep anything, this page still works until it is left.
  const map = new Map();

  /** @param {IDBTransactionMode} mode @param {(table: IDBObjectStore) => IDBRequest} act @returns {Promise<any>} once it is on disk */
  const run = (mode, act) => new Promise((done, fail) => {
    const work = /** @type {IDBDatabase} */ (db).transaction(TABLE, mode);
    const request = act(work.objectStore(TABLE));
    work.oncomplete = () => done(request.result);
    work.onabort = work.onerror = () => fail(work.error);
  });

  return {
    /** @param {string} key @returns {Promise<any>} */
    get: async (key) => (db ? run("readonly", (t) => t.get(key)) : map.get(key)),
    /** @param {string} key @param {unknown} value */
    put: async (key, value) => (db ? run("readwrite", (t) => t.put(value, key)) : map.set(key, value)),
    /** @param {string} key */
    drop: async (key) => (db ? run("readwrite", (t) => t.delete(key)) : map.delete(key)),
    /** @param {string} prefix @returns {Promise<any[]>} */
    all: async (prefix) => (db
      ? run("readonly", (t) => t.getAll(IDBKeyRange.bound(prefix, prefix + "\uffff")))
      : [...map].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value)),
    clear: async () => (db ? run("readwrite", (t) => t.clear()) : map.clear()),
  };
}
