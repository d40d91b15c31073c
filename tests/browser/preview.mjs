// `bookplate serve` as its greeting promises: buy in the test shop, refund in the bar, edit and watch.
import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { say, seesStatus } from "./lesson.mjs";
import { asReader } from "./profiles.mjs";
import { bookplate, start } from "./world.mjs";

const EXAMPLE = new URL("../../example-site", import.meta.url).pathname;
const LESSON = "ownership/moving/";

export function previewed() {
  /** @type {string} */
  let home;
  /** @type {Awaited<ReturnType<typeof start>>} */
  let server;
  /** @type {string} */
  let site;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), "bookplate-preview-"));
    await cp(EXAMPLE, join(home, "example-site"), { recursive: true });
    server = await start(home, ["serve", join(home, "example-site"), "--port", "0"], /http:\/\/127\.0\.0\.1:\d+\/(?!-)/);
    site = server.address;
  });
  after(async () => {
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  });
  /** @param {Parameters<typeof asReader>[1]} act */
  const reader = (act) => asReader({ origins: [new URL(site).origin], failing: true }, act);
  /** @param {import("playwright-core").Page} page @param {string} name */
  const bar = (page, name) => page.locator("#bookplate-preview").getByRole("button", { name, exact: true });

  test("the example: press Buy, then Pay: the lesson opens by itself; Refund closes it", () => reader(async (page) => {
    await page.goto(site + LESSON);
    await page.locator("#lock .buy").click();
    await page.getByText("TEST").first().waitFor();
    await page.getByRole("button", { name: "Pay" }).click();
    await page.locator(".opened-body").waitFor();
    assert.equal(page.url(), site + LESSON);
    await bar(page, "Refund").click();
    await seesStatus(page, say.refunded);
    await page.reload();
    await seesStatus(page, say.refunded);
  }));

  test("the bar plays buyer A, buyer B, a refunded buyer and a visitor", () => reader(async (page) => {
    await page.goto(site + LESSON);
    await bar(page, "Buyer A").click();
    await page.locator(".plate-line").waitFor();
    const a = await page.locator(".plate-line").textContent();
    await bar(page, "Buyer B").click();
    await page.waitForFunction((before) => {
      const line = document.querySelector(".plate-line")?.textContent;
      return line && line !== before;
    }, a);
    await page.reload();
    await page.locator('#bookplate-preview [data-role="b"][aria-pressed="true"]').waitFor();
    await bar(page, "Refunded").click();
    await seesStatus(page, say.refunded);
    await bar(page, "Visitor").click();
    await seesStatus(page, say.forgotten);
  }));

  test("the README's third step: what buyer B copies from the page matches B's order", () => reader(async (page) => {
    /** @type {Record<string, { text: string, line: string }>} */
    const read = {};
    await page.goto(site + LESSON);
    for (const [name, role] of [["Buyer A", "a"], ["Buyer B", "b"]]) {
      let text = "", line = "";
      await bar(page, name).click();
      // Until then the page shows whose it was before.
      await page.locator(`#bookplate-preview [data-role="${role}"][aria-pressed="true"]`).waitFor();
      for (const lesson of [LESSON, "ownership/borrowing/"]) {
        await page.goto(site + lesson);
        await page.locator(".opened-body").waitFor();
        text += await page.locator(".opened-body").innerText();
        line = await page.locator(".plate-line").innerText();
      }
      read[name] = { text, line };
    }
    assert.notEqual(read["Buyer A"].text, read["Buyer B"].text);
    await writeFile(join(home, "leak.txt"), read["Buyer B"].text);
    const { stdout } = await bookplate(home, "trace", join(home, "leak.txt"), "--site", join(home, "example-site"), "--preview-key");
    const [, order] = stdout.match(/Matching copy: (\S+),/) ?? assert.fail(stdout);
    assert.equal(stdout.match(/Matching copy/g)?.length, 1);
    const end = order.slice(-4);
    assert.ok(read["Buyer B"].line.includes(end) && !read["Buyer A"].line.includes(end), `${order}: ${read["Buyer B"].line}`);
  }));

  test("the author sees which sentences are marked, and the other wording of each", () => reader(async (page) => {
    await page.goto(site + LESSON);
    await bar(page, "Show marks").click();
    await page.locator("#bookplate-preview").getByText("no marked sentence is open here").waitFor();
    await bar(page, "Buyer A").click();
    await page.locator(".opened-body").waitFor();
    await page.waitForFunction(() => CSS.highlights.has("bookplate-marks"));
    const marked = await (await page.request.get(`${site}-/marks/?page=${encodeURIComponent(`/${LESSON}`)}`)).json();
    assert.equal(await page.evaluate(() => CSS.highlights.get("bookplate-marks")?.size), marked.length);
    // each is drawn over one of its two wordings, and nothing else
    const drawn = await page.evaluate(() => [...CSS.highlights.get("bookplate-marks") ?? []].map((range) => {
      const box = document.createElement("div");
      box.append(/** @type {Range} */ (range).cloneContents());
      return box.textContent?.replace(/\s+/g, " ");
    }));
    for (const [i, text] of drawn.entries()) {
      const wordings = [marked[i].author, marked[i].other].map((wording) => wording.map(([words]) => words).join(""));
      assert.ok(wordings.includes(text), `${text} is none of ${wordings}`);
    }
    // by key
    const card = page.locator("#bookplate-mark");
    await bar(page, "Next mark").focus();
    await page.keyboard.press("Enter");
    await card.waitFor();
    const other = await card.locator("p").textContent();
    assert.ok([marked[0].author, marked[0].other].some((wording) => wording.map(([words]) => words).join("") === other));
    assert.notEqual(other, drawn[0]);
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "hidden" });
    // by pointer
    await bar(page, "Next mark").click();
    await page.waitForFunction(() => (CSS.highlights.get("bookplate-mark")?.size ?? 0) > 0);
    const place = await page.evaluate(() => {
      const [range] = [...CSS.highlights.get("bookplate-mark") ?? []];
      const { left, top, height } = /** @type {Range} */ (range).getClientRects()[0];
      return { x: left + 4, y: top + height / 2 };
    });
    await page.keyboard.press("Escape");
    await page.mouse.move(place.x, place.y);
    await card.getByText(marked[0].id).waitFor();
    await page.screenshot({ path: process.env.BOOKPLATE_SHOT ?? join(home, "marks.png") });
    await bar(page, "Show marks").click();
    await page.waitForFunction(() => !CSS.highlights.has("bookplate-marks"));
    await card.waitFor({ state: "hidden" });
  }));

  test("an edited lesson appears without a key press, where one was reading", () => reader(async (page) => {
    await page.goto(site + LESSON);
    await bar(page, "Buyer A").click();
    await page.locator(".opened-body").waitFor();
    await page.evaluate(() => scrollTo({ top: 500, behavior: "instant" }));
    const source = join(home, "example-site/content/ownership/03-moving.md");
    await writeFile(source, `${await readFile(source, "utf8")}\n\nA sentence that was added just now.\n`);
    await page.locator(".opened-body", { hasText: "A sentence that was added just now." }).waitFor();
    // Within a line: what stands above the text (the plate, opened or not) may have another height after a reload.
    await page.waitForFunction(() => Math.abs(scrollY - 500) < 30);
    await writeFile(source, "---\ntitle: [\n---\n");
    await page.locator("#bookplate-preview pre", { hasText: "03-moving.md" }).waitFor();
    await page.locator(".opened-body", { hasText: "A sentence that was added just now." }).waitFor();
  }));
}
