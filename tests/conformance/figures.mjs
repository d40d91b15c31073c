// Prints what the edge endpoint costs: CPU of one `/unlock` in Node and in Deno, and the bytes of its bundle. usage: figures.mjs [CALLS]
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { FUNCTIONS, SIZE_MAX, bundle } from "./bundle.mjs";
import { DENO } from "./targets.mjs";

/** Most milliseconds of CPU for one call. */
export const CPU_MAX = 5;

/** Milliseconds of CPU of one unlock, by runtime. */
export function cpu(calls) {
  const script = fileURLToPath(new URL("cpu.mjs", import.meta.url));
  const run = (command, ...args) => Number(execFileSync(command, [...args, script, String(calls)], { encoding: "utf8" }));
  return { Node: run(process.execPath), Deno: run(DENO, "run", "--no-remote", "--allow-read", "--allow-env") };
}

/** Prints them; false if one is too large. */
export async function print(calls) {
  const times = cpu(calls);
  const sizes = await Promise.all(Object.keys(FUNCTIONS).map(async (name) => [name, (await bundle(name)).size]));
  console.log(`CPU of one /unlock, mean of ${calls}: ${Object.entries(times).map(([name, ms]) => `${ms} ms in ${name}`).join(", ")} (most: ${CPU_MAX} ms)`);
  console.log(`edge functions, bundled and minified, the protocol inside: ${sizes.map(([name, size]) => `${name} ${size}`).join(", ")} bytes of gzip (most: ${SIZE_MAX})`);
  return sizes.every(([, size]) => size <= SIZE_MAX) && Object.values(times).every((ms) => ms < CPU_MAX);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = (await print(Number(process.argv[2] ?? 3000))) ? 0 : 1;
