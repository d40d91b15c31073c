// From a locked page to an open course, and to other devices.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import {
  PAGES, buysAndReturns, entersCode, openCheckout, ownsCourse, say, sayZh, seesLocked, seesOpen, seesStatus, textOf,
} from "./lesson.mjs";
import { order } from "./shop.mjs";
import { PAID, PRODUCTS } from "./site.mjs";

/** @param {() => import("./world.mjs").World} world */
export function buying(world) {
  test("a free lesson reads, and loads no reader", () => world().reader(async (page, profile) => {
    await page.goto(world().url(PAGES.free));
    await page.getByText("Every value has one owner.").waitFor();
    assert.ok(!profile.requests.some((address) => address.includes("/reader/")));
  }));

  test("a locked lesson says what it is, offers it, and holds no paid text in any file it loads", () => world().reader(async (page, profile) => {
    /** @type {Promise<string>[]} */
    const bodies = [];
    page.on("response", (response) => bodies.push(response.text().catch(() => "")));
    await page.goto(world().url(PAGES.paid));
    await seesLocked(page);
    await page.locator("#lock", { hasText: "49 USD" }).waitFor();
    await page.locator(".have-code").waitFor();
    assert.ok(bodies.length > 2);
    for (const body of await Promise.all(bodies)) assert.ok(!body.includes(PAID.moving.slice(0, 30)));
    assert.equal(profile.requests.filter((address) => address.includes("/sealed/")).length, 0, "nothing sealed is fetched without keys");
  }));

  test("buy: the text opens by itself, without a reload, in its place", () => world().reader(async (page, profile) => {
    const checkout = await openCheckout(profile.context, world());
    await page.goto(world().url(PAGES.preview + "?discount=SPRING&aff=7"));
    await page.locator("#lock .buy").scrollIntoViewIfNeeded();
    const y = await page.evaluate(() => scrollY);
    assert.ok(y > 0);
    await buysAndReturns(page);
    await seesStatus(page, say.asking);
    assert.match(checkout.address?.searchParams.get("checkout[custom][claim]") ?? "", /^[0-9a-f]{64}$/);
    assert.equal(checkout.address?.searchParams.get("checkout[discount_code]"), "SPRING");
    assert.equal(checkout.address?.searchParams.get("aff"), "7");
    assert.equal(page.url(), world().url(PAGES.preview + "?discount=SPRING&aff=7"), "back at the lesson, no reference in the address bar");
    await seesLocked(page, PAID.after);

    const navigated = /** @type {string[]} */ ([]);
    page.on("framenavigated", (frame) => navigated.push(frame.url()));
    await world().shop.paid(/** @type {any} */ (checkout.order));
    await seesOpen(page, PAID.after);
    assert.deepEqual(navigated, []);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), PAID.after, "focus is on the first new paragraph");
    assert.ok(Math.abs(await page.evaluate(() => scrollY) - y) < 3, "scroll kept");
    await page.locator(".plate-line", { hasText: /^Your copy: order …\d{4}, A\. L\.$/ }).waitFor();
    const claim = (await page.locator(".plate-code code").first().textContent()) ?? "";
    assert.match(claim, /^[0-9A-Z]{5}(-[0-9A-Z]{5}){4}-[0-9A-Z*~$=]$/);

    await page.reload();
    await seesOpen(page, PAID.after);
    assert.equal(await page.locator(".plate-code").isVisible(), false, "the claim is shown once");
    await page.locator(".plate summary").click();
    assert.equal(await page.locator(".plate code").first().textContent(), claim, "and can be looked up");
    await page.goto(world().url(PAGES.paid));
    await seesOpen(page);

    await world().reader(async (second) => {
      await second.goto(world().url(PAGES.paid));
      await entersCode(second, claim);
      await seesStatus(second, say.order);
      await entersCode(second, claim, "00000000-0000-4000-8000-000000000000");
      await seesStatus(second, say.pending);
      await seesLocked(second);
      await entersCode(second, claim.toLowerCase().replaceAll("-", " "), checkout.order?.identifier);
      await seesOpen(second);
      assert.equal(await second.evaluate(() => document.activeElement?.closest(".opened-body") !== null), true);
    });
  }, { failing: true }));

  test("a slow webhook: it says so after 4 minutes, and opens at the next visit", () => world().reader(async (page, profile) => {
    const checkout = await openCheckout(profile.context, world());
    await page.goto(world().url(PAGES.paid));
    await buysAndReturns(page);
    await seesStatus(page, say.asking);
    await page.clock.install();
    await page.reload();
    await seesStatus(page, say.asking);
    for (let i = 0; i < 30 && !await page.locator("#lock .status", { hasText: say.late }).count(); i++) {
      const answered = page.waitForResponse(/unlock$/, { timeout: 3000 }).catch(() => null);
      await page.clock.runFor(31_000);
      await answered;
    }
    await seesStatus(page, say.late);
    await page.locator("#code-input").waitFor();
    await world().shop.paid(/** @type {any} */ (checkout.order));
    await page.reload();
    await seesOpen(page);
  }, { failing: true }));

  test("a return straight to a lesson, with the reference in the fragment", () => world().reader(async (page, profile) => {
    const checkout = await openCheckout(profile.context, world(), { back: PAGES.free + "#order=" });
    await page.goto(world().url(PAGES.paid));
    await buysAndReturns(page);
    await world().shop.paid(/** @type {any} */ (checkout.order));
    await page.goto(world().url(`thanks/#order=${checkout.order?.identifier}`));
    await seesOpen(page);
    assert.equal(page.url(), world().url(PAGES.paid));
  }, { failing: true }));

  test("the thanks page without a claim takes the licence key and names the course", () => world().reader(async (page) => {
    const sold = await world().sell();
    const key = await world().shop.licence(sold);
    await page.goto(world().url(`thanks/?order=${sold.identifier}`));
    await page.locator("#code-input").waitFor();
    assert.equal(page.url(), world().url("thanks/"));
    assert.equal(await page.locator("#order-input").inputValue(), sold.identifier);
    await entersCode(page, key);
    await seesStatus(page, say.open);
    await page.locator("#lock .status a", { hasText: "Ownership" }).click();
    await page.goto(world().url(PAGES.paid));
    await seesOpen(page);
  }));

  test("licence key on a second device: every lesson of the course, outline locks open, landing page says so", () => world().reader(async (page) => {
    await ownsCourse(page, world());
    await page.goto(world().url(PAGES.preview));
    await seesOpen(page, PAID.after);
    assert.ok(await page.locator('[data-course="ownership"][data-open]').count());
    await page.goto(world().url("ownership/"));
    await seesStatus(page, say.open);
    await page.goto(world().url(PAGES.zhPaid));
    await seesLocked(page, PAID.zh);
  }));

  test("lost webhooks: the licence key heals the order, as soon as the provider answers", () => world().reader(async (page) => {
    const [lost, key] = [order({ product: PRODUCTS.ownership }), randomUUID().toUpperCase()];
    const provider = /** @type {NonNullable<import("./world.mjs").World["provider"]>} */ (world().provider);
    provider.mailed(lost, key);
    provider.down = true;
    await page.goto(world().url(PAGES.paid));
    await entersCode(page, key);
    await seesStatus(page, say.down);
    provider.down = false;
    await entersCode(page, key);
    await seesOpen(page);
    await page.reload();
    await seesOpen(page);
    // What the webhook would have told comes at last: nothing changes for the reader; the refund closes it.
    await world().shop.paid(lost);
    await page.reload();
    await seesOpen(page);
  }, { failing: true }));

  test("a code with a typing mistake, an unknown one, and one of another course: each in its own words", () => world().reader(async (page) => {
    const other = await world().shop.licence(await world().sell({ course: "luanma" }));
    await page.goto(world().url(PAGES.paid));
    await entersCode(page, "ABCDE-FGHJK-MNPQR-STVWX-YZ012-3", "x");
    await seesStatus(page, say.typo);
    await entersCode(page, "no-such-licence");
    await seesStatus(page, say.unknown);
    await entersCode(page, other);
    await seesStatus(page, say.other);
    await page.locator("#lock .status a", { hasText: "乱码" }).waitFor();
    await seesLocked(page);
    await page.goto(world().url(PAGES.zhPaid));
    await seesOpen(page, PAID.zh);
  }, { failing: true }));

  test("a gift: keys issued by hand open with their code and reference", () => world().reader(async (page) => {
    const { code, order, said } = await world().issue("ownership", "--to", "R. Reader");
    assert.ok(code && order, said);
    await page.goto(world().url(PAGES.paid));
    await entersCode(page, code, order);
    await seesOpen(page);
    await page.locator(".plate-line", { hasText: "R. R." }).waitFor();
  }));

  test("in Chinese", () => world().reader(async (page) => {
    await page.goto(world().url(PAGES.zhPaid));
    await seesLocked(page, PAID.zh);
    await entersCode(page, "没有这个代码");
    await seesStatus(page, sayZh.unknown);
    await ownsCourse(page, world(), { course: "luanma", name: "李雷" });
    await page.locator(".plate-line", { hasText: /^你的副本：订单 …\d{4}/ }).waitFor();
  }, { failing: true, locale: "zh-CN" }));

  test("with the keyboard alone", () => world().reader(async (page) => {
    const key = await world().shop.licence(await world().sell());
    await page.goto(world().url(PAGES.paid));
    await page.locator(".have-code").waitFor();
    await tabTo(page, ".have-code");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "code-input");
    await page.keyboard.type(key);
    await page.keyboard.press("Enter");
    await seesOpen(page);
    assert.equal(await page.evaluate(() => document.activeElement?.parentElement?.className), "opened-body");
    await tabTo(page, ".plate summary");
    await page.keyboard.press("Enter");
    await page.locator(".device-list", { hasText: say.here }).waitFor();
  }));

  test("without JavaScript the page says what is locked and how to buy", () => world().reader(async (page) => {
    await page.goto(world().url(PAGES.preview));
    await page.getByText("Public paragraph number 1,").waitFor();
    await page.locator("#lock").waitFor({ state: "visible" });
    assert.match(await textOf(page, "#lock") ?? "", /49 USD/);
    assert.equal(await page.locator("#lock .buy").getAttribute("href"), "https://checkout.example/buy/ownership");
    assert.equal(await page.locator(".have-code").isVisible(), false, "nothing that needs JavaScript is offered");
    assert.equal(await page.locator(".code-form").isVisible(), false);
    await seesLocked(page, PAID.after);
  }, { javaScriptEnabled: false }));
}

/** @param {import("playwright-core").Page} page @param {string} selector */
async function tabTo(page, selector) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  assert.fail(`${selector} cannot be reached with Tab`);
}
