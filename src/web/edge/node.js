// The endpoint under plain Node, behind whatever ends TLS.

import { createServer } from "node:http";
import { Readable } from "node:stream";

import { refusal } from "./answer.js";

/** A server of a handler. @param {(request: Request) => Promise<Response>} handler */
export const node = (handler) => createServer(async (incoming, outgoing) => {
  const method = incoming.method ?? "GET";
  const body = /^(GET|HEAD)$/.test(method) ? undefined : /** @type {any} */ (Readable.toWeb(incoming));
  const headers = Object.entries(incoming.headersDistinct).map(([name, values]) => /** @type {[string, string]} */ ([name, (values ?? []).join(", ")]));
  const ask = async () => handler(new Request("http://localhost" + incoming.url, /** @type {any} */ ({ method, headers, body, duplex: "half" })));
  // Some methods, and what is no path, are no Request.
  const response = await ask().catch(() => refusal("method"));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(new Uint8Array(await response.arrayBuffer()));
});
