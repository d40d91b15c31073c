// What the answers of the key endpoint mean. Only a clear word takes a keyring away.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { call, fromBase64, meaning } from "../../src/web/reader/client.js";

test("each answer has one meaning", () => {
  const cases = [
    [200, { token: "t" }, { kind: "ok", body: { token: "t" } }],
    [202, { status: "pending" }, { kind: "pending", retryAfter: 3 }],
    [403, { error: "refunded" }, { kind: "closed", reason: "refunded" }],
    [403, { error: "expired" }, { kind: "closed", reason: "expired" }],
    [403, { error: "revoked" }, { kind: "closed", reason: "revoked" }],
    [403, { error: "locked" }, { kind: "closed", reason: "locked" }],
    [403, { error: "course" }, { kind: "closed", reason: "revoked" }],
    [403, { error: "token" }, { kind: "token" }],
    [503, { error: "unavailable", retryAfter: 9 }, { kind: "down" }],
    [404, { error: "unknown" }, { kind: "unknown" }],
    [429, { error: "wait" }, { kind: "wait", retryAfter: 3 }],
    [429, { error: "devices" }, { kind: "devices" }],
  ];
  for (const [status, body, expected] of cases) assert.deepEqual(meaning(status, body, "3"), expected);
});

test("nothing but a clear word closes a course", () => {
  for (const status of [200, 400, 401, 403, 404, 500, 502, 503]) {
    for (const body of [null, "", 7, { error: "refunded?" }]) {
      if (status === 200 && typeof body === "object" && body) continue;
      assert.equal(meaning(status, body, null).kind, "down", `${status} ${JSON.stringify(body)}`);
    }
  }
  assert.equal(meaning(500, { error: "refunded" }, null).kind, "down");
});

/** A server that answers one way, for one call. */
async function served(answer, act) {
  const server = createServer((request, response) => answer(response, request)).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  try {
    return await act(`http://127.0.0.1:${server.address().port}/-/keys/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("paths are relative to the endpoint's address, bodies are JSON", () => served(
  (response, request) => {
    assert.equal(request.method, "POST");
    assert.equal(request.headers["content-type"], "application/json");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ path: request.url }));
  },
  async (endpoint) => assert.deepEqual(await call(endpoint, "unlock", {}), { kind: "ok", body: { path: "/-/keys/unlock" } }),
));

test("HTML, half an answer and no answer are an endpoint that is down", async () => {
  const html = (response) => response.writeHead(403, { "content-type": "text/html" }).end("<h1>Refunded</h1>");
  const half = (response) => response.writeHead(200, { "content-length": "100" }).write("{", () => response.destroy());
  for (const answer of [html, half]) {
    await served(answer, async (endpoint) => assert.deepEqual(await call(endpoint, "refresh", {}), { kind: "down" }));
  }
  assert.deepEqual(await call("http://127.0.0.1:1/", "refresh", {}), { kind: "down" });
});

test("keyrings come as base64", () => assert.deepEqual([...fromBase64("AAH/")], [0, 1, 255]));
