// The four places where the endpoint runs, each with the same instances.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { blobServer } from "./blob_server.mjs";
import { written } from "./bundle.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Starts a process and waits for the line on its output that `found` reads. */
function start(command, args, { env = {}, input } = {}, found) {
  const child = spawn(command, args, { cwd: ROOT, env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  child.stdin.end(input);
  const ready = new Promise((done, fail) => {
    const read = (part) => {
      out += part;
      const result = found(out);
      if (result) done(result);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => fail(new Error(`${command} ended with ${code}: ${out.slice(-2000)}`)));
    child.on("error", fail);
  });
  const ended = new Promise((done) => child.on("exit", done));
  process.once("exit", () => child.kill());
  const stop = () => (child.kill(), ended);
  return { ready, stop, log: () => out };
}

/** axum and SQLite: one process for each instance. */
async function axum(instances) {
  const folder = mkdtempSync(join(tmpdir(), "bookplate-conformance-"));
  const running = instances.map(({ name, catalog, env, store }) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(catalog));
    const args = ["keyserver", "--listen", "127.0.0.1:0", "--catalog", file, "--database", join(folder, `${store}.db`), ...(env.BOOKPLATE_MODE === "test" ? ["--test-mode"] : [])];
    return start(join(ROOT, "target/debug/bookplate"), args, { env }, (out) => /on (http:\S+),/.exec(out)?.[1]);
  });
  const urls = Object.fromEntries(await Promise.all(running.map(async ({ ready }, i) => [instances[i].name, await ready])));
  const stored = () => readdirSync(folder).filter((name) => !name.endsWith(".json")).map((name) => readFileSync(join(folder, name), "latin1")).join("\n");
  const stop = async () => {
    await Promise.all(running.map(({ stop }) => stop()));
    rmSync(folder, { recursive: true });
  };
  return { urls, stop, log: () => running.map(({ log }) => log()).join("\n"), stored };
}

/** One process in JavaScript for all instances. On Netlify's Node it runs the bundle, so that its size is one of something that works. */
const script = (kind, command, ...args) => async (instances) => {
  const blobs = kind === "netlify" ? await blobServer() : undefined;
  const bundle = kind === "netlify" && command === process.execPath ? await written() : undefined;
  const input = JSON.stringify({ kind, instances, blobs: blobs?.url, bundled: bundle?.urls });
  const child = start(command, [...args, "tests/conformance/serve.mjs"], { input, env: { NODE_ENV: "test", DENO_NO_UPDATE_CHECK: "1" } },
    (out) => /^\{"urls":(.*)\}$/m.exec(out)?.[1]);
  const stop = async () => {
    await child.stop();
    blobs?.stop();
    if (bundle) rmSync(bundle.folder, { recursive: true });
  };
  return { urls: JSON.parse(await child.ready), stop, log: child.log, stored: blobs?.stored, fail: blobs?.fail };
};

/** The program itself: the script that npm links starts it as a child, which would outlive it. */
export const DENO = createRequire(import.meta.url)("deno/install_api.cjs").runInstall();

const run = ["run", "--no-remote", "--node-modules-dir=manual", "--allow-net=127.0.0.1", "--allow-env", "--allow-read", "--allow-sys"];

export const TARGETS = {
  "axum + SQLite": axum,
  "Netlify, Node": script("netlify", process.execPath),
  "Netlify, Deno": script("netlify", DENO, ...run),
  "Node, memory": script("node", process.execPath),
};

/** Asked where they are named, and with `BOOKPLATE_LONG=1`. */
export const MORE = { "Deno KV": script("kv", DENO, ...run, "--unstable-kv", "--allow-write") };
