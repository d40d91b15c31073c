// CPU time of one `/unlock` with the memory store, in whatever runs this: prints milliseconds. usage: cpu.mjs CALLS
import process from "node:process";

import { claimHash, newCode } from "../../src/web/protocol.js";
import { endpoint } from "../../src/web/edge/core.js";
import { COUNTER } from "../../src/web/edge/counter.js";
import { settings } from "../../src/web/edge/env.js";
import { memory } from "../../src/web/edge/memory.js";
import { purchase } from "./shop.mjs";
import { SITE, instances, live } from "./world.mjs";

const calls = Number(process.argv[2]);
const [{ catalog, env }] = instances("http://127.0.0.1:9");
// A second passes with every call, for the limits.
let time = Math.floor(Date.now() / 1000);
const handle = endpoint({ catalog, ...settings((name) => env[name]), store: memory(), log: () => {}, now: () => time++ }, COUNTER);
const post = (path, body, headers = {}) => handle(new Request("https://keys.example.com" + path, { method: "POST", body, headers }));

const code = newCode();
const bought = purchase(1_000_042, { claim: await claimHash(code, SITE) });
const signed = live.paid(bought);
if ((await post("/webhooks/lemon_squeezy", signed.body, { "x-signature": signed.signature })).status !== 200) throw new Error("not stored");
const body = JSON.stringify({ claim: code, order: bought.reference, device: "00" });
async function unlock(times) {
  for (let n = 0; n < times; n++) {
    const response = await post("/unlock", body);
    if (response.status !== 200 || (await response.text()).length < 40_000) throw new Error(`${response.status}`);
  }
}
await unlock(calls / 10);
const before = process.cpuUsage();
await unlock(calls);
const { user, system } = process.cpuUsage(before);
console.log(((user + system) / 1000 / calls).toFixed(3));
