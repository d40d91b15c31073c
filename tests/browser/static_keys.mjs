// A site with no endpoint at all: keyrings are files beside it, sealed under codes that the author sends.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PAGES, say, seesLocked, seesOpen, seesStatus } from "./lesson.mjs";
import { World } from "./world.mjs";

export function withoutEndpoint() {
  /** @type {World} */
  let world;
  before(async () => {
    world = await World.open({ base: "/class/", apart: false, keys: false });
  });
  after(() => world?.close());

  test("a code that the author sent opens the course, on static files alone", () => world.reader(async (page, profile) => {
    const { code, said } = await world.issue("ownership", "--to", "Class of 2026", "--static", join(world.folder, "keys"));
    assert.ok(code, said);
    await page.goto(world.url(PAGES.paid));
    await page.locator(".have-code").click();
    assert.equal(await page.locator("#order-input").count(), 0, "no order reference is asked for");
    await page.locator("#code-input").fill("00000-00000-00000-00000-00000-0");
    await page.locator(".code-form button[type=submit]").click();
    await seesStatus(page, say.unknown);
    await seesLocked(page);
    await page.locator("#code-input").fill(code);
    await page.locator(".code-form button[type=submit]").click();
    await seesOpen(page);
    await page.locator(".plate-line", { hasText: "C. O." }).waitFor();
    await page.reload();
    await seesOpen(page);
    assert.deepEqual(profile.requests.filter((address) => !address.startsWith(world.origin) && !address.startsWith("blob:")), []);
  }, { failing: true }));
}
