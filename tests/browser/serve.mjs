// A plain static host under a base path, and a gate before the key endpoint. Both can be told to misbehave.
import { readFile } from "node:fs/promises";
import { createServer, request as ask } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml",
  ".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".woff2": "font/woff2", ".bin": "application/octet-stream",
};

/** @param {import("node:http").RequestListener} listener */
export async function listen(listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, close: () => (server.closeAllConnections(), server.close()) };
}

/**
 * Serves `folder` (set when the site is built) under `base`; `paths[prefix]` goes to another server.
 * @param {string} base
 */
export async function staticHost(base) {
  const host = {
    folder: "", origin: "", close: () => {},
    /** @type {Record<string, { origin: string, path: string }>} */ paths: {},
    /** Changes the bytes of files whose path fits. @type {((path: string, bytes: Buffer) => Buffer) | null} */ tamper: null,
  };
  Object.assign(host, await listen(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    const other = Object.keys(host.paths).find((prefix) => path.startsWith(prefix));
    if (other) return forward(request, response, host.paths[other].origin, host.paths[other].path + path.slice(other.length));
    const answer = await find(host.folder, base, path);
    if ("to" in answer) return response.writeHead(301, { location: answer.to }).end();
    const bytes = host.tamper ? host.tamper(path, answer.bytes) : answer.bytes;
    response.writeHead(answer.status, { "content-type": answer.type, "cache-control": "max-age=600" }).end(bytes);
  }));
  return host;
}

/** While working on the reader: its modules come from here (`src/web`) and not from the build, so that nothing is compiled between two runs. */
const WORKING = process.env.BOOKPLATE_READER;

/** @param {string} folder @param {string} base @param {string} path */
async function find(folder, base, path) {
  const module = WORKING && path.match(/\/-\/r\.[0-9a-f]+\/(.*\.js)$/)?.[1];
  if (module) return { status: 200, type: TYPES[".js"], bytes: await readFile(join(WORKING, module)) };
  const type = (/** @type {string} */ name) => TYPES[/** @type {keyof typeof TYPES} */ (extname(name))] ?? "application/octet-stream";
  if (path.startsWith(base)) {
    const inside = normalize(path.slice(base.length - 1));
    for (const name of inside.endsWith("/") ? [inside + "index.html"] : [inside]) {
      const bytes = await readFile(join(folder, name)).catch(() => null);
      if (bytes) return { status: 200, type: type(name), bytes };
    }
    if (!inside.endsWith("/") && await readFile(join(folder, inside, "index.html")).catch(() => null)) return { to: path + "/" };
  }
  return { status: 404, type: "text/html; charset=utf-8", bytes: await readFile(join(folder, "404.html")).catch(() => Buffer.from("not found")) };
}

/** @param {import("node:http").IncomingMessage} from @param {import("node:http").ServerResponse} to @param {string} origin @param {string} path */
function forward(from, to, origin, path) {
  const { host: _, ...headers } = from.headers;
  const passed = ask(origin + path, { method: from.method, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(to);
  });
  passed.on("error", () => to.writeHead(502).end());
  from.pipe(passed);
}

/** A server that passes everything on to `target`, which may be set later. */
export async function gateway() {
  const gate = { target: "", origin: "", close: () => {} };
  Object.assign(gate, await listen((request, response) => forward(request, response, gate.target, request.url ?? "/")));
  return gate;
}
