// What a reader sees and does on a lesson page, in words.
import assert from "node:assert/strict";
import en from "../../src/web/reader/en.js";
import zh from "../../src/web/reader/zh.js";
import { CHECKOUT, order } from "./shop.mjs";
import { PAID, PRODUCTS } from "./site.mjs";

export const say = en;
export const sayZh = zh;

/** Lessons of the test shop. */
export const PAGES = { free: "ownership/values/", preview: "ownership/copies/", paid: "ownership/moving/", zhFree: "luanma/start/", zhPaid: "luanma/open/" };

/** @typedef {import("playwright-core").Page} Page @typedef {import("./world.mjs").World} World */

/** @param {Page} page @param {string} text */
export async function seesLocked(page, text = PAID.moving) {
  await page.locator("#lock").waitFor({ state: "visible" });
  assert.equal(await page.locator("#opened").isVisible(), false);
  assert.ok(!(await page.content()).includes(text), "paid text on a locked page");
}

/** @param {Page} page @param {string} text */
export async function seesOpen(page, text = PAID.moving) {
  await page.locator(".opened-body", { hasText: text }).waitFor();
  assert.equal(await page.locator("#lock").isVisible(), false);
  assert.equal(await page.locator("article.lesson").getAttribute("data-open"), "");
}

/** @param {Page} page @param {string} text */
export const seesStatus = (page, text) => page.locator("#lock .status", { hasText: text.trim() }).waitFor({ timeout: 15_000 });

/** @param {Page} page @param {string} code @param {string} [reference] */
export async function entersCode(page, code, reference = "") {
  if (!await page.locator(".code-form").isVisible()) await page.locator(".have-code").click();
  await page.locator("#code-input").fill(code);
  await page.locator("#order-input").fill(reference);
  await page.locator(".code-form button[type=submit]").click();
}

/**
 * Stands in for the provider's checkout: a page of its own that leads back with an order reference. Nothing is paid before the test says so.
 * @param {import("playwright-core").BrowserContext} context @param {World} world @param {{ back?: string }} [how] where the confirmation button leads
 */
export async function openCheckout(context, world, { back = "thanks/?order=" } = {}) {
  /** @type {{ address: URL | null, order: import("./shop.mjs").Order | null }} */
  const seen = { address: null, order: null };
  await context.route(`${CHECKOUT}/**`, (route) => {
    seen.address = new URL(route.request().url());
    const course = /** @type {keyof typeof PRODUCTS} */ (seen.address.pathname.split("/").at(-1));
    seen.order = order({ product: PRODUCTS[course], claim: seen.address.searchParams.get("checkout[custom][claim]") ?? undefined });
    return route.fulfill({ contentType: "text/html", body: `<!doctype html><title>Checkout</title><a id="back" href="${world.url(back + seen.order.identifier)}">Back to the course</a>` });
  });
  return seen;
}

/** Presses Buy and comes back. @param {Page} page */
export async function buysAndReturns(page) {
  await page.locator(".have-code").waitFor(); // the reader is there; before it is, Buy is a plain link
  await page.locator("#lock .buy").click();
  await page.locator("#back").click();
}

/** A device on which the course is open. @param {Page} page @param {World} world @param {Partial<Parameters<World["sell"]>[0]>} [of] */
export async function ownsCourse(page, world, of) {
  const sold = await world.sell(of);
  const key = await world.shop.licence(sold);
  await page.goto(world.url(of?.course === "luanma" ? PAGES.zhPaid : PAGES.paid));
  await entersCode(page, key);
  await seesOpen(page, of?.course === "luanma" ? PAID.zh : PAID.moving);
  return { ...sold, key };
}

/** Lets days pass for this device. @param {Page} page @param {number} days */
export const daysPass = (page, days) => page.clock.setFixedTime(Date.now() + days * 86_400_000 + 60_000);

/** The text of a lesson without the buttons that scripts add. @param {Page} page @param {string} selector */
export const textOf = (page, selector) => page.locator(selector).evaluate((element) => {
  const copy = /** @type {Element} */ (element.cloneNode(true));
  copy.querySelectorAll("button").forEach((button) => button.remove());
  return copy.textContent?.replace(/\s+/g, " ").trim();
});
