// The desk: what the author asks, with the admin token. A function of its own where the host has functions, so that the one that strangers
// reach has no code that lists, writes or deletes orders.

import { hex, sha256 } from "../protocol.js";
import { account, endedAt } from "./account.js";
import { bytes, parse, refuse } from "./answer.js";
import { archive } from "./books.js";
import { recent } from "./devices.js";
import { opens } from "./entitlement.js";
import { fact, orderRef } from "./fact.js";

/** @typedef {import("./core.js").Shop} Shop */

/** @param {unknown[]} all */
const lines = (all) => new Response(all.map((one) => JSON.stringify(one) + "\n").join(""), { headers: { "content-type": "application/x-ndjson" } });

/** Only the author passes. @param {Shop} shop @param {Request} request */
async function author({ adminToken }, { headers }) {
  // Compared as hashes: neither length nor digits of the token show in the time.
  const [right, given] = await Promise.all([`Bearer ${adminToken}`, headers.get("authorization") ?? ""].map(async (text) => hex(await sha256(text))));
  if (!adminToken || right !== given) refuse("signature");
}

/** Every order as one line of JSON. @param {Shop} shop @param {Request} request */
async function ledger(shop, request) {
  const { store, catalog, now } = shop;
  await author(shop, request);
  const { each, devices } = archive(store);
  return lines(await each(async (order, facts) => {
    const given = account(facts, now);
    const { state, seats, items: [item], number = null, display, currency = null, total = null, refunded, paid_at, expires_at = null } = given;
    return {
      order, state, seats, courses: opens(given, order, catalog).map((one) => one.id), product: item?.product, variant: item?.variant, number, display, currency,
      total, refunded, paid_at, expires_at, ended_at: endedAt(facts, now) ?? null,
      devices_30d: recent(await devices(order), now).length,
    };
  }));
}

/** Facts, as the author reads, tells and forgets them. @param {Shop} shop @param {Request} request */
async function facts(shop, request) {
  const { books, store, note } = shop;
  await author(shop, request);
  const { each, forget } = archive(store);
  const { method, url } = request;
  const [order, second] = new URL(url).searchParams.getAll("order");
  if (second !== undefined) refuse("malformed");
  if (order !== undefined) note.order = orderRef(order);
  if (method === "DELETE") return { deleted: (note.outcome = await forget(order ?? refuse("malformed"))) };
  if (method !== "POST") return lines(order === undefined ? (await each(async (_, facts) => facts)).flat() : await books.facts(order));
  const told = parse(await bytes(request, 256 * 1024), (text) => text.split("\n").filter((line) => /[^ \t\r\f]/.test(line)).map((line) => JSON.parse(line)));
  if (told.length > 1000) refuse("large");
  const all = told.map(fact);
  const inserted = [];
  for (const one of all) {
    const word = await books.insert(one);
    note[word] = (note[word] ?? 0) + 1;
    inserted.push(word);
    note.order = one.order;
  }
  return { inserted };
}

/** @type {import("./core.js").Routes} */
export const DESK = { ledger: [ledger, "GET,HEAD"], facts: [facts, "GET,HEAD,POST,DELETE"] };
