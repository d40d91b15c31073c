// Prints what the edge endpoint costs: CPU of one `/unlock` in Node and in Deno, and the bytes of its files. usage: figures.mjs [CALLS]
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { DENO } from "./targets.mjs";

const EDGE = new URL("../../src/web/edge/", import.meta.url);
/** Most milliseconds of CPU for one call. */
export const CPU_MAX = 5;

/** A module without documentation blocks, line comments and indentation. */
export const lean = (source) => source.replace(/\/\*\*[\s\S]*?\*\//g, "").split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("//")).join("\n") + "\n";

/** The modules that one of them brings along, itself first. @param {string} entry @returns {string[]} */
export function closure(entry, seen = new Set()) {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const imports = [...readFileSync(new URL(entry, EDGE), "utf8").matchAll(/^import .*? from "\.\/(.*?)";$/gm)].map(([, name]) => name);
  return [entry, ...imports.flatMap((name) => closure(name, seen))];
}

/** Bytes of gzip of the function that Netlify gets, as one stream and without comments; and of the protocol that it shares with the reader. */
export function sizes() {
  const text = closure("netlify.js").map((name) => lean(readFileSync(new URL(name, EDGE), "utf8"))).join("");
  const protocol = lean(readFileSync(new URL("../protocol.js", EDGE), "utf8"));
  return { edge: gzipSync(text, { level: 9 }).length, protocol: gzipSync(protocol, { level: 9 }).length };
}

/** Milliseconds of CPU of one unlock, by runtime. */
export function cpu(calls) {
  const script = fileURLToPath(new URL("cpu.mjs", import.meta.url));
  const run = (command, ...args) => Number(execFileSync(command, [...args, script, String(calls)], { encoding: "utf8" }));
  return { Node: run(process.execPath), Deno: run(DENO, "run", "--no-remote", "--allow-read", "--allow-env") };
}

/** Prints them; false if one is too large. */
export function print(calls) {
  const times = cpu(calls);
  const { edge, protocol } = sizes();
  console.log(`CPU of one /unlock, mean of ${calls}: ${Object.entries(times).map(([name, ms]) => `${ms} ms in ${name}`).join(", ")} (most: ${CPU_MAX} ms)`);
  console.log(`the edge function: ${edge} bytes of gzip without comments, and ${protocol} of the protocol that the reader loads too`);
  return Object.values(times).every((ms) => ms < CPU_MAX);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = print(Number(process.argv[2] ?? 3000)) ? 0 : 1;
