// What happens to an open course: refunds, an endpoint that fails, files that are not what they should be, devices.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGES, daysPass, entersCode, ownsCourse, say, seesLocked, seesOpen, seesStatus } from "./lesson.mjs";
import { PAID } from "./site.mjs";

/** @param {() => import("./world.mjs").World} world */
export function keeping(world) {
  test("refund: a day later the course is closed, with the reason, and stays closed", () => world().reader(async (page) => {
    const sold = await ownsCourse(page, world());
    await world().shop.refunded(sold);
    await page.reload();
    await seesOpen(page);
    await daysPass(page, 1);
    await page.reload();
    await seesStatus(page, say.refunded);
    await seesLocked(page);
    assert.equal(await page.locator('[data-course="ownership"][data-open]').count(), 0);
    await page.goto(world().url(PAGES.preview));
    await seesStatus(page, say.refunded);
  }, { failing: true }));

  test("a partial refund keeps access", () => world().reader(async (page) => {
    const sold = await ownsCourse(page, world());
    await world().shop.refunded(sold, 1000);
    await daysPass(page, 1);
    const asked = page.waitForResponse(/refresh$/);
    await page.reload();
    assert.equal((await asked).status(), 200);
    await seesOpen(page);
  }));

  test("a refunded order's code is refused, and says why", () => world().reader(async (page) => {
    const sold = await world().sell();
    const key = await world().shop.licence(sold);
    await world().shop.refunded(sold);
    await page.goto(world().url(PAGES.paid));
    await entersCode(page, key);
    await seesStatus(page, say.refunded);
    await seesLocked(page);
  }, { failing: true }));

  test("the endpoint is asked once a day, not more", () => world().reader(async (page, profile) => {
    await ownsCourse(page, world());
    const asked = () => profile.requests.filter((address) => address.endsWith("/refresh")).length;
    await page.reload();
    await seesOpen(page);
    assert.equal(asked(), 0);
    await daysPass(page, 1);
    for (const path of [PAGES.paid, PAGES.preview, PAGES.paid]) {
      await page.goto(world().url(path));
      await page.locator(".opened-body").waitFor();
      await page.waitForLoadState("networkidle");
    }
    assert.equal(asked(), 1);
  }));

  const FAILURES = /** @type {Record<string, (route: import("playwright-core").Route) => Promise<void>>} */ ({
    "is down": (route) => route.abort("connectionrefused"),
    "never answers": async () => {},
    "answers 500": (route) => route.fulfill({ status: 500, json: { error: "refunded" }, headers: { "access-control-allow-origin": "*" } }),
    "answers 429": (route) => route.fulfill({ status: 429, json: { error: "wait", retryAfter: 9 }, headers: { "access-control-allow-origin": "*" } }),
    "answers 403 in HTML": (route) => route.fulfill({ status: 403, contentType: "text/html", body: "<h1>403 refunded</h1>", headers: { "access-control-allow-origin": "*" } }),
    "answers 200 in HTML": (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<!doctype html>", headers: { "access-control-allow-origin": "*" } }),
  });
  for (const [name, fail] of Object.entries(FAILURES)) {
    test(`the endpoint ${name}: an opened course still reads, and a locked page says so`, () => world().reader(async (page, profile) => {
      await ownsCourse(page, world());
      await profile.context.route(/\/(unlock|refresh|devices)$/, fail);
      await daysPass(page, 2);
      await page.reload();
      await seesOpen(page);
      await page.waitForTimeout(200);
      await seesOpen(page);
      if (name === "never answers") return;
      await page.goto(world().url(PAGES.zhPaid));
      await entersCode(page, "AAAA-0000");
      await page.locator('#lock .status:is([data-word="down"], [data-word="wait"], [data-word="unknown"])').waitFor();
      await seesLocked(page, PAID.zh);
    }, { failing: true }));
  }

  test("a slow endpoint is waited for, and the page says that it is slow", () => world().reader(async (page, profile) => {
    const key = await world().shop.licence(await world().sell());
    /** @type {(value?: unknown) => void} */
    let answer = () => {};
    await profile.context.route(/\/unlock$/, async (route) => {
      if (route.request().method() === "POST") await new Promise((done) => { answer = done; });
      await route.continue();
    });
    await page.clock.install();
    await page.goto(world().url(PAGES.paid));
    await entersCode(page, key);
    await seesStatus(page, say.busy);
    await page.clock.runFor(6000);
    await seesStatus(page, say.slow);
    answer();
    await seesOpen(page);
  }));

  test("a sealed file that was changed on its way: nothing is shown, not even half", () => world().reader(async (page) => {
    await ownsCourse(page, world());
    world().host.tamper = (path, bytes) => path.endsWith(".bin") ? Buffer.from(bytes.map((b, i) => i === bytes.length - 40 ? b ^ 1 : b)) : bytes;
    try {
      await page.goto(world().url(PAGES.preview));
      await seesStatus(page, say.file);
      await seesLocked(page, PAID.after);
    } finally {
      world().host.tamper = null;
    }
    await page.goto(world().url(PAGES.preview));
    await seesOpen(page, PAID.after);
  }));

  test("devices: they are listed, others can be locked, this one can be forgotten", () => world().reader(async (page) => {
    const sold = await ownsCourse(page, world());
    await world().reader(async (second) => {
      await second.goto(world().url(PAGES.paid));
      // The same key: another one of the order would be another copy, with devices of its own.
      await entersCode(second, sold.key);
      await seesOpen(second);

      await page.locator(".plate summary").click();
      await page.locator(".device-list", { hasText: /, / }).waitFor();
      await page.getByRole("button", { name: say.others }).click();
      await page.locator(".device-list", { hasText: say.lock }).waitFor();

      await daysPass(second, 1);
      await second.reload();
      await seesStatus(second, say.locked);
      await seesLocked(second);
    }, { failing: true });
    await daysPass(page, 1);
    const asked = page.waitForResponse(/refresh$/);
    await page.reload();
    assert.equal((await asked).status(), 200, "the device that locked the others goes on");
    await page.locator(".plate summary").click();
    await page.getByRole("button", { name: say.forget }).click();
    await seesStatus(page, say.forgotten);
    await seesLocked(page);
    await page.reload();
    await seesLocked(page);
  }));

  test("a new epoch: the keyring is fetched silently", () => world().reader(async (page) => {
    await ownsCourse(page, world());
    await world().build({ epoch: 2 });
    await world().stopKeys();
    await world().startKeys();
    try {
      const asked = page.waitForResponse(/refresh$/);
      await page.goto(world().url(PAGES.preview));
      assert.equal((await asked).status(), 200);
      await seesOpen(page, PAID.after);
    } finally {
      await world().build();
      await world().stopKeys();
      await world().startKeys();
    }
  }));
}
