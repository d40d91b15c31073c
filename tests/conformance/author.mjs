// The author's commands from elsewhere, on every place where the endpoint runs: `bookplate issue` and `orders` with --endpoint must do and
// say the same. usage: node tests/conformance/author.mjs; needs `cargo build --bins`.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { purchase } from "./shop.mjs";
import { TARGETS } from "./targets.mjs";
import { ADMIN, ORIGIN, SECRET, catalog, live, siteKey } from "./world.mjs";

const BINARY = fileURLToPath(new URL("../../target/debug/bookplate", import.meta.url));
const COURSE = catalog().courses[0].id;
const env = { BOOKPLATE_SITE_KEY: siteKey(), BOOKPLATE_LEMON_SQUEEZY_SECRET: SECRET, BOOKPLATE_ADMIN_TOKEN: ADMIN, BOOKPLATE_LEMON_SQUEEZY_API: "http://127.0.0.1:9" };
const instances = [{ name: "shop", store: "shop", catalog: catalog(), env }];

/** One author with a home of his own, at one endpoint. @param {string} url */
function author(url) {
  const home = mkdtempSync(join(tmpdir(), "bookplate-author-"));
  const file = join(home, "catalog.json");
  writeFileSync(file, JSON.stringify(catalog()));
  /** @param {string[]} words @param {string} token @returns {Promise<{ code: number, out: string }>} */
  const run = (words, token = ADMIN) => new Promise((done) => {
    const variables = { HOME: home, BOOKPLATE_SITE_KEY: siteKey(), BOOKPLATE_ADMIN_TOKEN: token };
    execFile(BINARY, [...words, "--catalog", file, "--endpoint", url], { env: variables }, (failed, out, said) => done({ code: failed ? Number(failed.code) : 0, out: out + said }));
  });
  const unlock = async (licence) => {
    const answer = await fetch(`${url}/unlock`, { method: "POST", headers: { origin: ORIGIN, "content-type": "application/json" }, body: JSON.stringify({ licence, course: COURSE }) });
    const body = await answer.json();
    return `${answer.status} ${body.keyring ? "keyring" : body.error}`;
  };
  return { run, unlock, end: () => rmSync(home, { recursive: true }) };
}

/** What is done at an endpoint, as rows of what was done and what was seen. @param {string} url */
async function play(url) {
  const { run, unlock, end } = author(url);
  const rows = [];
  const row = (what, expected, seen) => rows.push({ what, expected, seen });
  /** The exit code, and whether the words are there. */
  const says = async (what, words, parts, code = 0) => {
    const said = await run(words);
    const missing = parts.filter((part) => !said.out.includes(part));
    row(what, `${code}, as it should`, missing.length ? `${said.code}, without ${missing}: ${said.out}` : `${said.code}, as it should`);
    return said.out;
  };
  const given = await says("issue copies", ["issue", COURSE, "--seats", "60", "--to", "Ada Lovelace"], ["manual:"]);
  const order = /manual:\S+/.exec(given)?.[0] ?? "";
  const keys = [...given.matchAll(/code\s+(\S+)/g)].map(([, key]) => key);
  row("the second copy opens", "200 keyring", await unlock(keys[1]));
  await says("show", ["orders", "show", order], ["active", "given (gift), copies: 60", "licence key 2: good", "A. L."]);
  await says("revoke", ["orders", "revoke", order], ["is revoked"]);
  await says("revoke again", ["orders", "revoke", order], ["already"]);
  row("it is closed", "403 revoked", await unlock(keys[0]));
  await says("show says since when", ["orders", "show", order], ["closed since 20"]);
  await says("restore", ["orders", "restore", order], ["is active"]);
  row("it opens again", "200 keyring", await unlock(keys[0]));
  const paid = live.paid(purchase(1_000_042));
  const headers = { "content-type": "application/json", "x-event-name": paid.event, "x-signature": paid.signature };
  const hook = await fetch(`${url}/webhooks/lemon_squeezy`, { method: "POST", headers, body: paid.body });
  row("a sale", "200", String(hook.status));
  await says("found by its number", ["orders", "revoke", "1000042"], ["lemon_squeezy:", "is revoked"]);
  await says("forget what is not there", ["orders", "forget", "manual:nobody"], ["there is no order `manual:nobody`"], 1);
  await says("forget", ["orders", "forget", order], ["is deleted"]);
  await says("it is gone", ["orders", "show", order], ["there is no order"], 1);
  // Nobody knows it, and nobody can be asked about it.
  row("its key opens nothing", "503 unavailable", await unlock(keys[0]));
  const other = await run(["orders", "show", "manual:x"], "another token of the right length");
  row("another token", "refused", other.out.includes("refuses the token") && other.code ? "refused" : other.out);
  end();
  return rows;
}

let wrong = 0;
for (const [name, start] of Object.entries(TARGETS)) {
  const target = await start(instances);
  const rows = await play(target.urls.shop);
  const leaks = ["Ada", "Lovelace", ADMIN, siteKey()].filter((hidden) => `${target.log()}${target.stored?.() ?? ""}`.includes(hidden));
  await target.stop();
  for (const { what, expected, seen } of rows.filter((row) => row.expected !== row.seen)) console.log(`${name}: ${what}: ${seen}`);
  for (const leak of leaks) console.log(`${name}: log or store holds ${leak}`);
  const missed = rows.filter((row) => row.expected !== row.seen).length + leaks.length;
  console.log(`${name}: ${rows.length} steps, ${missed} otherwise than expected`);
  wrong += missed;
}
process.exitCode = wrong ? 1 : 0;
