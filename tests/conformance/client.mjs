// What a case has in its hands: one target, asked over HTTP.
import assert from "node:assert/strict";
import { request } from "node:http";

import { newCode, claimHash } from "../../src/web/protocol.js";
import { Shop, purchase } from "./shop.mjs";
import { ADMIN, SITE, live } from "./world.mjs";

/** An answer, read. */
export class Got {
  constructor(status, headers, text) {
    Object.assign(this, { status, headers, text });
  }
  get json() {
    try {
      return JSON.parse(this.text);
    } catch {
      return {};
    }
  }
  /** Status and word: `403 refunded`. */
  get word() {
    return `${this.status} ${this.json.error ?? this.json.status ?? "-"}`;
  }
  get token() {
    return this.json.token ?? assert.fail(`no token: ${this.status} ${this.text.slice(0, 80)}`);
  }
  get keyring() {
    return this.json.keyring ?? assert.fail(`no keyring: ${this.status} ${this.text.slice(0, 80)}`);
  }
}

/** Every order of a run has a number of its own. */
let numbers = 1_000_000 + (process.pid % 1000) * 500;

export class Client {
  constructor(target, provider) {
    Object.assign(this, { target, provider });
  }

  /** Bytes out, bytes in: `node:http`, for it sends whatever it is told to. */
  send(method, path, { at = "live", headers = {}, body } = {}) {
    return new Promise((done, fail) => {
      const parts = Array.isArray(body) ? body : body === undefined ? [] : [body];
      const length = Array.isArray(body) || body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
      const { hostname, port } = new URL(this.target.urls[at]);
      const call = request({ hostname, port, path, method, headers: { ...length, ...headers }, agent: false }, async (response) => {
        response.setEncoding("utf8");
        let text = "";
        for await (const part of response) text += part;
        done(new Got(response.statusCode, response.headers, text));
      });
      call.on("error", fail);
      for (const part of parts) call.write(part);
      call.end();
    });
  }

  post(path, value, options = {}) {
    return this.send("POST", path, { ...options, headers: { "content-type": "application/json", ...options.headers }, body: typeof value === "string" ? value : JSON.stringify(value) });
  }
  get = (path, options) => this.send("GET", path, options);

  /** Delivers a webhook. */
  hook({ event, body, signature }, { at, headers = {} } = {}) {
    return this.send("POST", "/webhooks/lemon_squeezy", { at, headers: { "content-type": "application/json", "x-event-name": event, "x-signature": signature, ...headers }, body });
  }
  /** Delivers webhooks that must be stored, one after another. */
  async stored(at, ...all) {
    for (const signed of all) assert.equal((await this.hook(signed, { at })).word, "200 stored", signed.event);
  }

  /** A purchase with a claim of its own. */
  async buys(more = {}) {
    const code = newCode();
    return { code, ...purchase(numbers++, { claim: await claimHash(code, SITE), ...more }) };
  }
  /** Such a purchase, paid and told. */
  async bought(more = {}, at = "live", shop = live) {
    const bought = await this.buys(more);
    await this.stored(at, shop.paid(bought));
    return bought;
  }

  open = ({ code, reference }, { at, device = "00", ...more } = {}) => this.post("/unlock", { claim: code, order: reference, device, ...more }, { at });
  licence = (licence, { at, ...more } = {}) => this.post("/unlock", { licence, ...more }, { at });
  refresh = (token, course = "ownership", at = "live", more = {}) => this.post("/refresh", { token, course, ...more }, { at });
  devices = (token, wish) => this.post("/devices", { token, do: wish });

  /** The ledger's line of an order. */
  async line({ order }, at = "live") {
    const got = await this.get("/ledger", { at, headers: { authorization: `Bearer ${ADMIN}` } });
    assert.equal(got.status, 200);
    const lines = got.text.trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
    return lines.find((line) => line.order === `lemon_squeezy:${order}`);
  }
}

export { Shop, assert };
