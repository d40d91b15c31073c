// Real books as premium courses: every lesson is opened in the browser, and one of about 1,700 words is timed (printed, never judged).
import assert from "node:assert/strict";
import { cp, mkdir, readFile, readdir, rename, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { entersCode, say, seesStatus } from "./lesson.mjs";
import { STORE, png } from "./site.mjs";
import { World } from "./world.mjs";

const CORPORA = process.env.BOOKPLATE_CORPORA ?? new URL("../../../shared/corpora", import.meta.url).pathname;
const BOOKS = /** @type {Record<string, { folder: string, lessons: number }>} */ ({
  "rust-book": { folder: "rust-book/src", lessons: 111 },
  "learn-go-with-tests": { folder: "learn-go-with-tests", lessons: 44 },
});

export function corpora() {
  for (const [book, { folder, lessons: expected }] of Object.entries(BOOKS)) {
    const source = join(CORPORA, folder);
    if (!existsSync(source)) {
      test(book, { skip: `SKIPPED: ${source} is not there (BOOKPLATE_CORPORA)` }, () => {});
      continue;
    }
    describe(book, () => {
      /** @type {World} */
      let world;
      before(async () => {
        world = await World.open({ base: "/", apart: false, write: (dir, { url, endpoint }) => premium(dir, source, book, url, endpoint) });
      });
      after(() => world?.close());

      test(`every lesson opens`, { timeout: 120_000 }, (t) => world.reader(async (page) => {
        const { code, order, said } = await world.issue(book);
        assert.ok(code && order, said);
        await page.goto(world.url(`${book}/`));
        const lessons = await page.locator(`[data-course="${book}"] a`).evaluateAll((links, course) =>
          [...new Set(links.map((link) => /** @type {HTMLAnchorElement} */ (link).href.split("#")[0]))].filter((href) => href.startsWith(course)), world.url(`${book}/`));
        assert.equal(lessons.length, expected);
        await entersCode(page, code, order);
        await seesStatus(page, say.open);
        let words = 0;
        /** @type {{ address: string, words: number } | null} */
        let middle = null;
        for (const address of lessons) {
          await page.goto(address);
          await page.locator(".opened-body").waitFor({ state: "attached" });
          const count = await page.locator(".opened-body").evaluate((body) => (body.textContent ?? "").split(/\s+/).length);
          words += count;
          if (!middle || Math.abs(count - 1700) < Math.abs(middle.words - 1700)) middle = { address, words: count };
        }
        t.diagnostic(`${lessons.length} lessons, ${words} words`);
        if (middle) t.diagnostic(`from keyring to visible text, ${middle.words} words: ${await timed(page, middle.address)} ms (median of 9)`);
      }, { authored: true }));
    });
  }
}

/** A site whose one course is the book, sealed from the first word. @param {string} dir @param {string} source @param {string} id @param {string} url @param {string | null} endpoint */
async function premium(dir, source, id, url, endpoint) {
  const course = join(dir, "content", id);
  await mkdir(course, { recursive: true });
  await cp(source, course, { recursive: true });
  await paintMissing(course);
  const readme = join(course, "README.md");
  if (existsSync(readme)) await rename(readme, join(course, "index.md"));
  const text = await readFile(join(course, "index.md"), "utf8").catch(() => "");
  await writeFile(join(course, "index.md"), `---\nid: ${id}\ntitle: ${id}\nprice: 49 USD\ncheckout: https://checkout.example/buy/${id}\n`
    + `products: { lemon_squeezy: [40009] }\naccess: premium\n---\n${text}`);
  await writeFile(join(dir, "bookplate.yaml"), `site:\n  id: book-shop\n  title: Books\n  url: "${url}"\n`
    + `keys:\n  endpoint: "${endpoint}"\npayments:\n  lemon_squeezy:\n    store: ${STORE}\n`);
}

/** The extracts lack some pictures, and a sealed lesson without its picture is an error. @param {string} course */
async function paintMissing(course) {
  for (const name of await readdir(course)) {
    if (!name.endsWith(".md")) continue;
    const text = await readFile(join(course, name), "utf8");
    for (const [, a, b] of text.matchAll(/!\[[^\]]*\]\(([^)\s]+)[^)]*\)|<img\s[^>]*?src="([^"]+)"/g)) {
      const picture = join(course, a ?? b);
      if (/^[a-z]+:/.test(a ?? b) || existsSync(picture)) continue;
      await mkdir(dirname(picture), { recursive: true });
      await writeFile(picture, png([90, 120, 160]));
    }
  }
}

/** The time until the text was painted, with the keyring in hand and the file in the cache. @param {import("playwright-core").Page} page @param {string} address */
async function timed(page, address) {
  await page.goto(address);
  await page.locator(".opened-body").waitFor({ state: "attached" });
  return page.evaluate(async () => {
    const main = /** @type {HTMLScriptElement} */ (document.querySelector('script[src$="/reader/main.js"]')).src;
    const { ringHere } = await import(main);
    const { openBody, showOpened } = await import(new URL("page.js", main).href);
    const { Keyring } = await import(new URL("../protocol.js", main).href);
    const { bytes } = await ringHere();
    const times = [];
    for (let i = 0; i < 9; i++) {
      showOpened();
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const from = performance.now();
      showOpened(await openBody(await Keyring.parse(bytes)));
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      times.push(performance.now() - from);
    }
    return Math.round(times.sort((a, b) => a - b)[4]);
  });
}
