// Netlify Blobs as far as the client's edge protocol needs it, strictly: conditional writes are atomic, every read tells the etag, and what
// the protocol does not know is an error. Only the address for consistent reads is served.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

export async function blobServer() {
  /** @type {Map<string, { body: string, etag: string }>} */
  const all = new Map();
  let [count, failing] = [0, false];

  /** One request, in one turn of the event loop. @returns {[number, object?, string?]} */
  function answer(method, url, headers, body) {
    const [, site, store, ...rest] = url.pathname.split("/").map(decodeURIComponent);
    if (headers.authorization !== "Bearer token" || site !== "site" || !store?.startsWith("site:")) return [401];
    if (failing) return [500];
    const key = rest.join("/");
    const id = `${store}\n${key}`;
    const found = all.get(id);
    if (method === "GET" && !key) return [200, {}, list(`${store}\n${url.searchParams.get("prefix") ?? ""}`, url.searchParams.get("cursor"), store)];
    if (method === "GET") return found ? [200, { etag: found.etag }, found.body] : [404];
    // The client deletes one key at a time, and what is not there is deleted; without a key it would be the whole store.
    if (method === "DELETE" && key) return [all.delete(id) ? 204 : 404];
    if (method !== "PUT") return [405];
    const [match, none] = [headers["if-match"], headers["if-none-match"]];
    // Whoever writes without a condition would lose what another wrote.
    if (!key || Buffer.byteLength(key) > 600 || (match === undefined) === (none === undefined) || (none ?? "*") !== "*") return [400];
    if (none === "*" ? found : found?.etag !== match) return [412];
    const etag = `"${createHash("md5").update(String(++count)).digest("hex")}"`;
    all.set(id, { body, etag });
    return [200, { etag }];
  }

  /** Pages of 100. */
  function list(prefix, cursor, store) {
    const keys = [...all.keys()].filter((id) => id.startsWith(prefix) && id > (cursor ?? "")).sort();
    const page = keys.slice(0, 100);
    return JSON.stringify({ blobs: page.map((id) => ({ key: id.slice(store.length + 1), etag: all.get(id).etag })), next_cursor: keys.length > 100 ? page.at(-1) : undefined });
  }

  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const [status, headers = {}, text = ""] = answer(request.method, new URL(request.url, "http://localhost"), request.headers, body);
    response.writeHead(status, headers).end(text);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => server.close(),
    stored: () => [...all].map(([key, { body }]) => `${key}\n${body}`).join("\n"),
    fail: (yes) => (failing = yes),
  };
}
