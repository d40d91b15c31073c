// The opened lesson is the lesson: the same text as when it is free, its images and downloads, nothing that should not run.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { PAGES, ownsCourse, seesOpen, textOf } from "./lesson.mjs";
import { staticHost } from "./serve.mjs";
import { writeSite } from "./site.mjs";
import { bookplate } from "./world.mjs";

/** @param {() => import("./world.mjs").World} world */
export function lessonText(world) {
  test("the opened text equals the text of the same lesson built as free", () => world().reader(async (page) => {
    const free = await staticHost(world().base);
    try {
      const { home } = world();
      await writeSite(join(home, "free"), { url: world().origin + world().base.replace(/\/$/, ""), endpoint: world().endpoint, access: "free" });
      await bookplate(home, "build", join(home, "free"), "--out", join(home, "free-out"), "--preview-key");
      free.folder = join(home, "free-out");
      await ownsCourse(page, world());
      const opened = { text: await textOf(page, ".opened-body"), html: await markup(page, ".opened-body") };
      await page.goto(world().url(PAGES.preview));
      await page.locator(".opened-body").waitFor();
      const joined = `${await textOf(page, "article > .prose")}${await textOf(page, ".opened-body")}`;
      await world().reader(async (other) => {
        await other.goto(free.origin + world().base + PAGES.paid);
        assert.equal(opened.text, await textOf(other, "article > .prose"));
        assert.equal(opened.html, await markup(other, "article > .prose"), "and its elements");
        await other.goto(free.origin + world().base + PAGES.preview);
        const whole = await textOf(other, "article > .prose") ?? "";
        assert.equal(joined.replace(/\s/g, ""), whole.replace(/\s/g, ""), "both halves of a preview lesson");
      }, { origins: [free.origin] });
    } finally {
      free.close();
    }
  }));

  test("sealed images show with their alt text, sealed downloads come as they were", () => world().reader(async (page) => {
    await ownsCourse(page, world());
    const image = page.locator(".opened-body img");
    await image.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => (/** @type {HTMLImageElement | null} */ (document.querySelector(".opened-body img")))?.naturalWidth === 8);
    assert.equal(await image.getAttribute("alt"), "One red square, described");
    assert.match(await image.getAttribute("src") ?? "", /^blob:/);
    const waiting = page.waitForEvent("download");
    await page.getByText("all of them").click();
    const download = await waiting;
    assert.equal(download.suggestedFilename(), "exercises.zip");
    /** @type {Buffer[]} */
    const bytes = [];
    for await (const part of await download.createReadStream()) bytes.push(part);
    assert.match(Buffer.concat(bytes).toString(), /the exercises$/);
  }));

  test("a heading of the opened part can be linked to", () => world().reader(async (page) => {
    await ownsCourse(page, world());
    await page.setViewportSize({ width: 800, height: 300 });
    await page.goto(world().url(PAGES.free));
    await page.goto(world().url(PAGES.paid + "#a-heading-of-the-sealed-part"));
    await seesOpen(page);
    await page.waitForFunction(() => Math.abs(document.getElementById("a-heading-of-the-sealed-part")?.getBoundingClientRect().top ?? 999) < 150);
  }));

  test("copy buttons come to opened code too", () => world().reader(async (page) => {
    await ownsCourse(page, world());
    await page.locator(".opened-body .copyable button").waitFor();
  }));
}

/** Tag names in order, without what scripts add. @param {import("playwright-core").Page} page @param {string} selector */
const markup = (page, selector) => page.locator(selector).evaluate((element) =>
  [...element.querySelectorAll("*")].filter((one) => !one.matches("button, .copyable")).map((one) => one.tagName).join(" "));
