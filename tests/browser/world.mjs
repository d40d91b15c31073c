// A whole shop for one test file: the real binary builds the site and hands out the keys; a static host and a provider stand around it.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { asReader } from "./profiles.mjs";
import { licenceApi } from "./provider.mjs";
import { gateway, staticHost } from "./serve.mjs";
import { Shop, order } from "./shop.mjs";
import { PRODUCTS, STORE, writeSite } from "./site.mjs";

const run = promisify(execFile);
const ROOT = new URL("../../", import.meta.url).pathname;
export const BINARY = process.env.BOOKPLATE_BINARY ?? join(ROOT, "target/debug/bookplate");
const SECRET = "browser-tests-webhook-secret-0001";

/** Runs the binary with a home of its own. @param {string} home @param {string[]} args */
export async function bookplate(home, ...args) {
  try {
    return await run(BINARY, args, { env: environment(home), maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`bookplate ${args.join(" ")}\n${/** @type {any} */ (error).stdout}${/** @type {any} */ (error).stderr}`);
  }
}

/** @param {string} home */
const environment = (home) => ({
  ...process.env, HOME: home, XDG_STATE_HOME: join(home, "state"), XDG_CONFIG_HOME: join(home, "config"), BOOKPLATE_LEMON_SQUEEZY_SECRET: SECRET, CI: "1",
});

/**
 * Starts the binary and waits until it says where it listens.
 * @param {string} home @param {string[]} args @param {RegExp} address @param {Record<string, string>} [more] environment
 */
export async function start(home, args, address, more = {}) {
  const child = spawn(BINARY, args, { env: { ...environment(home), ...more }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const found = await new Promise((done, fail) => {
    const read = (/** @type {Buffer} */ bytes) => {
      said += bytes;
      const match = said.match(address);
      if (match) done(match[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", (code) => fail(new Error(`bookplate ${args[0]} ended with ${code}\n${said}`)));
  });
  return { address: found, said: () => said, stop: () => new Promise((done) => (child.on("exit", done), child.kill("SIGTERM"))) };
}

export class World {
  /** @type {(() => unknown)[]} */ #ends = [];

  /**
   * @param {{ base: string, apart: boolean, keys?: boolean, write?: typeof writeSite }} how `apart`: the endpoint is on another origin;
   *   `keys: false`: no endpoint at all; `write`: another site than the small shop
   */
  static async open({ base, apart, keys = true, write = writeSite }) {
    const world = new World();
    try {
      await world.#open(base, apart, keys, write);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  /** @param {string} base @param {boolean} apart @param {boolean} keys @param {typeof writeSite} write */
  async #open(base, apart, keys, write) {
    const world = this;
    world.write = write;
    world.home = await mkdtemp(join(tmpdir(), "bookplate-browser-"));
    world.host = await staticHost(base);
    world.gate = await gateway();
    world.base = base;
    world.origin = world.host.origin;
    world.endpoint = !keys ? null : apart ? `${world.gate.origin}/` : `${world.origin}/-keys/`;
    if (!apart) world.host.paths["/-keys/"] = { origin: world.gate.origin, path: "/" };
    world.#ends.push(world.host.close, world.gate.close);
    await world.build();
    if (keys) {
      world.provider = await licenceApi({ store: STORE });
      world.#ends.push(world.provider.close);
      await world.startKeys();
      world.#ends.push(() => world.stopKeys());
      world.shop = new Shop({ endpoint: `${world.gate.origin}/`, secret: SECRET, store: STORE });
    }
  }

  /** Writes and builds the site, and serves it. @param {Partial<Parameters<typeof writeSite>[1]>} [of] */
  async build(of = {}) {
    const { home, origin, base, endpoint } = this;
    this.folder = join(home, "out");
    await this.write(join(home, "site"), { url: origin + base.replace(/\/$/, ""), endpoint, ...of });
    await bookplate(home, "build", join(home, "site"), "--out", this.folder, "--preview-key");
    this.host.folder = this.folder;
  }

  async startKeys() {
    const { home, folder } = this;
    const server = await start(home, ["keyserver", "--catalog", join(folder, "catalog.json"), "--database", join(home, "orders.db"),
      "--listen", "127.0.0.1:0", "--preview-key", "--test-mode"], /http:\/\/127\.0\.0\.1:\d+/,
      this.provider && { BOOKPLATE_LEMON_SQUEEZY_API: this.provider.origin });
    this.gate.target = server.address;
    this.stopKeys = async () => {
      this.gate.target = "http://127.0.0.1:9";
      await server.stop();
    };
  }

  /**
   * Keys made by hand. @param {string} course @param {string[]} [more] arguments
   * @returns {Promise<{ code: string, order: string, said: string }>} the order reference is empty where there is none
   */
  async issue(course, ...more) {
    const { stdout: said } = await bookplate(this.home, "issue", course, "--catalog", join(this.folder, "catalog.json"),
      "--database", join(this.home, "orders.db"), "--preview-key", ...more);
    const code = said.match(/\b[0-9A-Z]{5}(-[0-9A-Z]{5}){4}-[0-9A-Z]/)?.[0] ?? "";
    return { code, order: said.match(/order reference\s+(\S+)/i)?.[1] ?? "", said };
  }

  /** @param {string} path below the base path */
  url(path) {
    return this.origin + this.base + path;
  }

  /** @param {string} path */
  async file(path) {
    return readFile(join(this.folder, path), "utf8");
  }

  /** A sale: the webhook was sent and stored. @param {{ course?: keyof typeof PRODUCTS, claim?: string, name?: string }} [of] */
  async sell({ course = "ownership", ...of } = {}) {
    const sold = order({ product: PRODUCTS[course], ...of });
    await this.shop.paid(sold);
    return sold;
  }

  /** A reader with a device of his own. @param {Parameters<typeof asReader>[1]} act @param {Partial<Parameters<typeof asReader>[0]>} [how] */
  reader(act, how = {}) {
    const own = this.endpoint ? [this.origin, new URL(this.endpoint).origin] : [this.origin];
    return asReader({ origins: own, ...how }, act);
  }

  async close() {
    for (const end of this.#ends.reverse()) await end();
    await rm(this.home, { recursive: true, force: true });
  }
}
