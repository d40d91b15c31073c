// Starts every target, runs every case on each, and prints the table. A cell is `ok`, or the number of what differed, which is told below.
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";

import { Client } from "./client.mjs";
import { print } from "./figures.mjs";
import { provider } from "./shop.mjs";
import { MORE, TARGETS } from "./targets.mjs";
import { instances } from "./world.mjs";

const { values } = parseArgs({ options: { target: { type: "string", multiple: true }, case: { type: "string" }, times: { type: "boolean" } } });
const all = { ...TARGETS, ...(values.target || process.env.BOOKPLATE_LONG === "1" ? MORE : {}) };
const names = Object.keys(all).filter((name) => !values.target || values.target.some((part) => name.includes(part)));
const files = readdirSync(new URL("cases/", import.meta.url)).sort();
const cases = (await Promise.all(files.map(async (file) => Object.entries((await import(`./cases/${file}`)).default)))).flat()
  .filter(([name]) => !values.case || name.includes(values.case));

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
process.setMaxListeners(0);

/** @type {string[]} */
const differed = [];

/** All cases on one target, one after another. */
async function column(name) {
  const api = await provider();
  const target = await all[name](instances(api.url));
  const client = new Client(target, api);
  const cells = [];
  for (const [what, run] of cases) {
    const start = performance.now();
    try {
      cells.push((await run(client)) ?? "ok");
    } catch (error) {
      differed.push(`${name}: ${what}\n    ${String(error.stack ?? error).split("\n").slice(0, 24).join("\n    ")}`);
      cells.push(`differs (${differed.length})`);
    }
    if (values.times) cells.push(`${cells.pop()} ${Math.round(performance.now() - start)}`);
  }
  await target.stop();
  api.stop();
  return cells;
}

const started = performance.now();
const columns = await Promise.all(names.map(column));
const widths = [Math.max(...cases.map(([what]) => what.length)), ...columns.map((cells, i) => Math.max(names[i].length, ...cells.map((cell) => cell.length)))];
const row = (cells) => console.log(cells.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
row(["", ...names]);
cases.forEach(([what], i) => row([what, ...columns.map((cells) => cells[i])]));
console.log(`${cases.length} cases on ${names.length} targets in ${((performance.now() - started) / 1000).toFixed(1)} s`);
differed.forEach((text, i) => console.log(`\n(${i + 1}) ${text}`));
const cheap = values.case || values.target ? true : await print(1000);
process.exitCode = differed.length || !cheap ? 1 : 0;
