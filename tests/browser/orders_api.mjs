// The provider's main API as far as lists of a store go: JSON:API in pages, for who has the key.
import { createServer } from "node:http";

export const API_KEY = "api-key-of-the-stand-in";

/** A stand-in on this machine. @param {Record<string, { id: string, attributes: object }[]>} lists by name: `orders`, `license-keys`, ... */
export async function ordersApi(lists) {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const name = url.pathname.replace(/^\/v1\//, "");
    const [page, size] = ["number", "size"].map((part) => Number(url.searchParams.get(`page[${part}]`) ?? 10));
    const known = ["orders", "license-keys", "subscriptions", "subscription-invoices"].includes(name) && request.method === "GET";
    const status = request.headers.authorization !== `Bearer ${API_KEY}` ? 401 : known ? 200 : 404;
    const all = lists[name] ?? [];
    const data = all.slice((page - 1) * size, page * size).map((one) => ({ type: name, links: {}, ...one }));
    const body = status === 200
      ? { meta: { page: { currentPage: page, lastPage: Math.max(1, Math.ceil(all.length / size)), perPage: size, total: all.length } }, data }
      : { errors: [{ status: String(status) }] };
    response.writeHead(status, { "content-type": "application/vnd.api+json" }).end(JSON.stringify(body));
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  return { url: `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`, stop: () => server.close() };
}
