// One Chromium, and a fresh profile for each reader. A profile notes what must not happen, and says so when it is closed.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { CHECKOUT } from "./shop.mjs";

/** @typedef {import("playwright-core").Page} Page */

const ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
  // Nothing leaves this machine.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** @type {import("playwright-core").Browser | null} */
let browser = null;

/** @returns {Promise<import("playwright-core").Browser>} */
async function running() {
  browser ??= await chromium.launch({ executablePath: process.env.BOOKPLATE_CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
  return browser;
}

export async function stopBrowser() {
  await browser?.close();
  browser = null;
}

/**
 * Runs `act` as one reader on a device of his own.
 * @param {{ origins: string[], javaScriptEnabled?: boolean, failing?: boolean, authored?: boolean, locale?: string }} how `origins`: all that may be asked;
 *   `failing`: answers 4xx, 5xx and broken connections are part of this test, so Chromium's own lines about them are not held against it;
 *   `authored`: a real book brings `style` attributes, which the pages' policy refuses in free lessons as in opened ones, and pictures from elsewhere
 * @param {(page: Page, profile: Profile) => Promise<void>} act
 */
export async function asReader({ origins, javaScriptEnabled = true, failing = false, authored = false, locale = "en-US" }, act) {
  const context = await (await running()).newContext({ javaScriptEnabled, locale, viewport: { width: 1200, height: 800 } });
  const profile = new Profile(context, origins, failing, authored);
  try {
    await act(await context.newPage(), profile);
    profile.assertClean();
  } finally {
    await context.close();
  }
}

export class Profile {
  /** @type {string[]} */ problems = [];
  /** @type {string[]} addresses of all requests */ requests = [];

  /** @param {import("playwright-core").BrowserContext} context @param {string[]} origins @param {boolean} failing @param {boolean} authored */
  constructor(context, origins, failing, authored) {
    this.context = context;
    context.on("request", (request) => {
      const url = new URL(request.url());
      this.requests.push(request.url());
      if (request.isNavigationRequest() && url.origin === CHECKOUT) return;
      if (authored && request.resourceType() === "image") return;
      if (["http:", "https:"].includes(url.protocol) && !origins.includes(url.origin)) this.problems.push(`request to ${request.url()}`);
    });
    context.on("console", (line) => {
      if (line.type() !== "error" && !/Content.Security.Policy/i.test(line.text())) return;
      if (failing && /Failed to load resource|blocked by CORS policy/.test(line.text())) return;
      if (authored && /^Applying inline style|ERR_NAME_NOT_RESOLVED/.test(line.text())) return;
      this.problems.push(`console: ${line.text()} (${line.location().url})`);
    });
    context.on("weberror", (error) => this.problems.push(`uncaught: ${error.error().stack}`));
  }

  assertClean() {
    assert.deepEqual(this.problems, []);
  }
}
