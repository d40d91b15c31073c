// The same rehearsal on every place where the endpoint runs: `bookplate rehearse` plays a whole shop, and the tables must be the same.
// Afterwards neither log nor store may hold what opens anything, or a name. usage: node tests/conformance/rehearsal.mjs
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { TARGETS } from "./targets.mjs";
import { ADMIN, SECRET, catalog, siteKey } from "./world.mjs";

const BINARY = fileURLToPath(new URL("../../target/debug/bookplate", import.meta.url));
const REHEARSAL = "rehearsal-secret-of-conformance-1";
/** What stands in messages and answers of the rehearsal, and nowhere else. */
const HIDDEN = [SECRET, REHEARSAL, ADMIN, siteKey(), "@example.com", "Test Buyer", "BBBBBBBB-0000", "bbbbbbbb-0000", "aaaaaaaa-0000", "bookplate_token_v1_"];

const env = {
  BOOKPLATE_SITE_KEY: siteKey(), BOOKPLATE_LEMON_SQUEEZY_SECRET: SECRET, BOOKPLATE_ADMIN_TOKEN: ADMIN, BOOKPLATE_REHEARSAL_SECRET: REHEARSAL,
  // Nobody is asked about codes that are none.
  BOOKPLATE_LEMON_SQUEEZY_API: "http://127.0.0.1:9",
};
const instances = [
  { name: "rehearsed", store: "rehearsed", catalog: catalog(), env: { ...env, BOOKPLATE_MODE: "test" } },
  { name: "live", store: "live", catalog: catalog(), env },
];

/** @param {string} url @param {string} file the catalog */
const rehearse = (url, file) => new Promise((done) => {
  const variables = { HOME: tmpdir(), BOOKPLATE_REHEARSAL_SECRET: REHEARSAL };
  execFile(BINARY, ["rehearse", url, "--catalog", file, "--json"], { env: variables }, (_, out, said) =>
    done({ rows: out.startsWith("{") ? JSON.parse(out).rows : [], said }));
});

/** @param {string} name @param {string} file */
async function column(name, file) {
  const target = await TARGETS[name](instances);
  const [played, refused] = [await rehearse(target.urls.rehearsed, file), await rehearse(target.urls.live, file)];
  const places = { log: target.log(), store: target.stored?.() ?? "" };
  await target.stop();
  if (!played.rows.length || !refused.rows.length) throw new Error(`${name}: ${played.said}${refused.said}`);
  const leaks = Object.entries(places).flatMap(([place, text]) => HIDDEN.filter((hidden) => text.includes(hidden)).map((hidden) => `${place} holds ${hidden}`));
  return { rows: [...played.rows, ...refused.rows], leaks };
}

const folder = mkdtempSync(join(tmpdir(), "bookplate-rehearsal-"));
const file = join(folder, "catalog.json");
writeFileSync(file, JSON.stringify(catalog()));
const names = Object.keys(TARGETS);
const columns = await Promise.all(names.map((name) => column(name, file)));
rmSync(folder, { recursive: true });

const [{ rows }] = columns;
let wrong = 0;
const widths = [Math.max(...rows.map(({ step }) => step.length)) + 2, Math.max(...rows.map(({ expected }) => expected.length)), ...names.map((name) => name.length)];
const line = (/** @type {string[]} */ cells) => console.log(cells.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
line(["", "expected", ...names]);
rows.forEach(({ scene, step, expected }, i) => {
  const cells = columns.map((column) => column.rows[i]?.seen ?? "nothing");
  wrong += cells.every((seen) => seen === expected) ? 0 : 1;
  if (rows[i - 1]?.scene !== scene) console.log(scene);
  line([`  ${step}`, expected, ...cells.map((seen) => (seen === expected ? "ok" : seen))]);
});
columns.forEach(({ leaks }, i) => {
  for (const leak of leaks) console.log(`${names[i]}: the ${leak}`);
  wrong += leaks.length;
});
console.log(`${rows.length} steps on ${names.length} targets, ${wrong} otherwise than expected`);
process.exitCode = wrong ? 1 : 0;
