// The counter: what readers and the payment provider ask. What it can do, strangers may ask for.

import { join } from "../protocol.js";
import { bytes, parse, refuse } from "./answer.js";
import { NOT_SOLD } from "./core.js";
import { entitlement } from "./entitlement.js";
import { disable } from "./heal.js";
import { fits, macKey, unhex } from "./keys.js";
import { PROVIDER, read } from "./lemon_squeezy.js";
import { devices, refresh, unlock } from "./readers.js";

/** @typedef {import("./core.js").Shop} Shop */

/** @param {Shop} shop @param {Request} request @param {string} provider */
async function webhooks(shop, request, provider) {
  const { secrets, books } = shop;
  if (provider !== PROVIDER || !secrets.length) refuse("unknown");
  const body = await bytes(request, 256 * 1024);
  const mac = unhex(request.headers.get("x-signature")) ?? refuse("signature");
  if (!(await Promise.all(secrets.map(async (secret) => fits(await macKey(join(secret)), body, mac)))).includes(true)) refuse("signature");
  const { event, test, fact, item } = await read(body, shop);
  // Subscriptions come before their payments: one that we do not know is of a product that we do not sell.
  if (fact && !item) fact.order = await books.find("subscription", fact.subscription);
  const order = fact?.order;
  let why = order ? shop.stranger(item, test) : "of no interest";
  // An order that was taken stays ours when its product leaves the catalog, so that its refund is not lost.
  if (why === NOT_SOLD && (await books.facts(order)).length) why = "";
  const outcome = why ? "forgotten" : await books.insert(fact);
  Object.assign(shop.note, { event, order, why, outcome });
  if (outcome === "new" && fact.kind === "order" && /refunded|fraudulent/.test(entitlement(await books.facts(order), shop.now).state)) shop.later(disable(shop, order));
  return { status: { new: "stored", known: "duplicate", forgotten: "ignored" }[outcome] };
}

/** What readers ask: a body in JSON. @param {(shop: Shop, asked: any) => Promise<object>} answer @returns {import("./core.js").Handler} */
const call = (answer) => async (shop, request) => {
  const asked = parse(await bytes(request, 16 * 1024));
  return answer(shop, asked && !Array.isArray(asked) ? asked : refuse("malformed"));
};

/** @type {import("./core.js").Routes} */
export const COUNTER = { unlock: [call(unlock)], refresh: [call(refresh)], devices: [call(devices)], webhooks: [webhooks] };
