// Two buyers of one marked course: one set of files, two texts, and each in words that the author knows.
import assert from "node:assert/strict";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Keyring, openLesson } from "../../src/web/protocol.js";
import { pairsOf } from "../js/sealed.mjs";
import { entersCode } from "./lesson.mjs";
import { PRODUCTS, STORE, png } from "./site.mjs";
import { World, bookplate } from "./world.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** What the author wrote in two wordings, some declared and some from the lists: both wordings of each sentence. */
const SENTENCES = {
  en: [
    ...["keep", "move", "share", "borrow", "return", "clone", "store", "print", "compare", "drop", "match", "lend"].map((verb) =>
      [`We do not ${verb} the table twice.`, `We don't ${verb} the table twice.`]),
    ...["vector", "string", "slice", "array", "tuple", "struct", "closure", "pointer"].map((thing) =>
      [`It is therefore one ${thing} that waits.`, `It is so one ${thing} that waits.`, `therefore one ${thing} => so one ${thing}`]),
    ["A *note* can not be lost on the way.", "A *note* never gets lost on the way.", "can not be => never gets"],
  ],
  zh: [
    ..."内存栈堆表图锁线池".split("").map((thing) => [`每个${thing}很快，因此不用等。`, `每个${thing}很快，所以不用等。`]),
    ..."甲乙丙丁戊己庚辛".split("").map((thing) => [`${thing}君于是打开了这一页。`, `${thing}君便打开了这一页。`, `${thing}君于是 => ${thing}君便`]),
  ],
};

const COURSES = /** @type {const} */ ({ en: { id: "ownership", lesson: "ownership/marked/" }, zh: { id: "luanma", lesson: "luanma/marked/" } });

/** @param {string} dir @param {{ url: string, endpoint: string | null, plate?: string }} of */
async function writeMarked(dir, { url, endpoint, plate }) {
  /** @type {Record<string, string | Buffer>} */
  const files = {
    "bookplate.yaml": `site:\n  id: marked-shop\n  title: Marked shop\n  url: "${url}"\nkeys:\n  endpoint: "${endpoint}"\n`
      + `payments:\n  lemon_squeezy:\n    store: ${STORE}\n` + (plate ? `marks:\n  plate: ${plate}\n` : ""),
    "content/index.md": "# Two courses\n\nWelcome.\n",
  };
  for (const [language, { id }] of Object.entries(COURSES)) {
    files[`content/${id}/index.md`] = `---\nid: ${id}\ntitle: ${id}\nlanguage: ${language}\nprice: 49 USD\ncheckout: https://checkout.example/buy/${id}\n`
      + `products: { lemon_squeezy: [${PRODUCTS[id]}] }\naccess: premium\noutline: full\n---\nAbout the course.\n`;
    files[`content/${id}/01-marked.md`] = `---\nid: marked\ntitle: Marked\n---\n${lesson(SENTENCES[/** @type {"en" | "zh"} */ (language)])}`;
    files[`content/${id}/red.png`] = png([200, 30, 30]);
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
}

/** Every sentence in a place of its own: paragraphs, a list, a table and a footnote, between headings, code and a picture. @param {string[][]} sentences */
function lesson(sentences) {
  const [note, cell, item, ...rest] = sentences.map(([author, , declared]) => declared ? `${author} <!--~ ${declared} -->` : author);
  const paragraphs = rest.map((text, i) => i % 7 === 3 ? `### Part ${i}\n\n${text}` : text);
  return `## First of three\n\n${paragraphs.slice(0, 4).join("\n\n")}\n\n## Second of three\n\n${paragraphs.slice(4).join("\n\n")}\n\n## Third of three\n\n- ${item}\n\n`
    + `| cell |\n|---|\n| ${cell} |\n\n![A red square](red.png)\n\n\`\`\`rust\nlet a = "do not touch";\n\`\`\`\n\nSee [the first](#first-of-three).[^1]\n\n[^1]: ${note}\n`;
}

export function marks() {
  describe("a marked course", () => {
    /** @type {World} */
    let world;
    before(async () => {
      world = await World.open({ base: "/", apart: false, write: /** @type {any} */ (writeMarked) });
    });
    after(() => world?.close());

    for (const [language, { id, lesson: path }] of Object.entries(COURSES)) {
      test(`two buyers read two texts, each sentence in one of its two wordings: ${language}`, async () => {
        const [a, b] = [await buys(world, id, path, "Ada Lovelace"), await buys(world, id, path, "Tim Bates")];
        const sentences = SENTENCES[/** @type {"en" | "zh"} */ (language)].map((pair) => pair.slice(0, 2).map((text) => text.replaceAll("*", "")));
        const read = [a, b].map(({ text }) => sentences.map((pair) => pair.map((wording) => text.split(wording).length - 1)));
        for (const copy of read) for (const [i, found] of copy.entries()) assert.ok(found[0] + found[1] === 1, `one wording of ${sentences[i]}: ${found}`);
        const differ = sentences.filter((_, i) => read[0][i][0] !== read[1][i][0]).length;
        assert.ok(differ > 0 && differ < sentences.length, `${differ} of ${sentences.length} sentences differ`);

        // Everything else is the same: what is left when each sentence is taken out, and every element with what it carries.
        const rest = ({ text }) => sentences.flat().reduce((left, wording) => left.replace(wording, "§"), text);
        assert.equal(rest(a), rest(b));
        assert.deepEqual(a.elements, b.elements);
        assert.match(JSON.stringify(a.elements), /"id=first-of-three"/);
        assert.ok(a.facts && a.facts === b.facts, "reading time");
        assert.ok(a.here && a.here === b.here, "list of headings");
        assert.ok(a.whole, "a paragraph is one run of text: nothing shows where a sentence begins");
        assert.equal(a.file, b.file, "both opened the same bytes");
        for (const [mine, theirs] of [[a, b], [b, a]]) {
          const own = sentences.flat().filter((wording) => mine.text.includes(wording) && !theirs.text.includes(wording));
          assert.ok(own.every((wording) => mine.findable.includes(wording)) && !own.some((wording) => theirs.findable.includes(wording)), "finding in the page finds one's own words");
        }
      });

      test(`nobody opens the other wording: ${language}`, async () => {
        const [a, b] = [await buys(world, id, path, "Ada Lovelace"), await buys(world, id, path, "Tim Bates")];
        const file = await readFile(join(world.folder, a.file));
        const html = [];
        let differ = 0;
        for (const [mine, theirs] of [[a, b], [b, a]]) {
          const [ring, other] = [await Keyring.parse(mine.ring), await Keyring.parse(theirs.ring)];
          const all = Array.from({ length: ring.scope.m }, (_, j) => ring.key(j));
          const pairs = pairsOf(ring, file);
          assert.ok(pairs.length >= SENTENCES[/** @type {"en" | "zh"} */ (language)].length);
          for (const { position, slot, tries } of pairs) {
            assert.ok(tries(ring.key(position), slot, slot), "his own wording opens");
            for (const under of [0, 1]) assert.equal(tries(ring.key(position), under, 1 - slot), null, "the other one does not");
            if (other.slot(position) === slot) continue;
            differ++;
            assert.ok(tries(other.key(position), 1 - slot, 1 - slot), "it is there, for who has its key");
            assert.ok(!all.some((key) => tries(key, 1 - slot, 1 - slot)), "no key of his ring opens it");
          }
          html.push((await openLesson(ring, file)).html);
          const { stdout: printed } = await bookplate(world.home, "copy", path, "--order", `lemon_squeezy:${mine.order}`, "--format", "html",
            "--site", join(world.home, "site"), "--orders", join(world.home, "orders.db"), "--preview-key");
          assert.equal(printed, html.at(-1) + "\n", "`bookplate copy` prints what this order reads");
        }
        assert.ok(differ > 0 && html[0] !== html[1]);
      });
    }

    test("no other file of the site holds either wording", async () => {
      const wordings = Object.values(SENTENCES).flat().flatMap(([author, other]) => [author, other]).filter((text) => !text.includes("*"));
      const names = (await readdir(world.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
      assert.ok(names.length > 10);
      for (const { parentPath, name } of names) {
        const text = await readFile(join(parentPath, name), "utf8");
        for (const wording of wordings) assert.ok(!text.includes(wording), `${name}: ${wording}`);
      }
    });

    test("the plate is on the page and on paper, and a stranger's text in it stays text", async () => {
      await opens(world, "ownership", COURSES.en.lesson, "Ada Lovelace", async (page) => {
        const line = page.locator(".plate-line", { hasText: /^Your copy: order …\d{4}, A\. L\.$/ });
        await line.waitFor();
        await page.emulateMedia({ media: "print" });
        assert.ok(await line.isVisible(), "on paper");
        await page.locator(".plate").evaluate((plate) => /** @type {HTMLDetailsElement} */ (plate).open = true);
        assert.equal(await page.locator(".plate .devices").isVisible(), false, "and nothing else of the box");
        await page.emulateMedia({ media: "screen" });
        await display(page, "order <img src=x onerror=alert(1)> & {copy} $&");
        await page.reload();
        await page.locator(".plate-line", { hasText: "Your copy: order <img src=x onerror=alert(1)> & {copy} $&" }).waitFor();
        assert.equal(await page.locator(".plate-line *").count(), 0);
      });
      await opens(world, "luanma", COURSES.zh.lesson, "Ada Lovelace", async (page) => {
        await page.locator(".plate-line", { hasText: /^你的副本：订单 …\d{4}, A\. L\.$/ }).waitFor();
      });
    });

    test("the plate in the author's words, and off on page and paper", async () => {
      try {
        await world.build(/** @type {any} */ ({ plate: '"Printed for <b>{copy}</b>, \\"not for sale\\""' }));
        await opens(world, "ownership", COURSES.en.lesson, "Ada Lovelace", (page) =>
          page.locator(".plate-line", { hasText: /^Printed for <b>order …\d{4}, A\. L\.<\/b>, "not for sale"$/ }).waitFor());
        await world.build(/** @type {any} */ ({ plate: "off" }));
        await opens(world, "ownership", COURSES.en.lesson, "Ada Lovelace", async (page) => {
          assert.equal(await page.locator(".plate-line").textContent(), "Codes and devices");
          assert.ok(!/A\. L\.|…\d{4}/.test(await page.locator("#opened").innerText()));
          await page.emulateMedia({ media: "print" });
          assert.equal(await page.locator(".plate").isVisible(), false);
          assert.ok(await page.locator(".opened-body").isVisible());
        });
      } finally {
        await world.build();
      }
    });
  });
}

/** Buys a course and opens its lesson. @param {World} world @param {string} id @param {string} path @param {string} name @param {(page: Page, order: string) => Promise<unknown>} act */
async function opens(world, id, path, name, act) {
  const sold = await world.sell({ course: /** @type {keyof typeof PRODUCTS} */ (id), name });
  const key = await world.shop.licence(sold);
  await world.reader(async (page) => {
    await page.goto(world.url(path));
    await entersCode(page, key);
    await page.locator(".opened-body").waitFor();
    await page.locator(".opened-body .copyable button").waitFor();
    await act(page, sold.id);
  });
}

/** What one buyer has before him. @param {World} world @param {string} id @param {string} path @param {string} name */
async function buys(world, id, path, name) {
  /** @type {any} */
  let copy;
  await opens(world, id, path, name, async (page, order) => {
    copy = await page.evaluate(async () => {
      const text = (/** @type {string} */ selector) => document.querySelector(selector)?.textContent?.replace(/\s+/g, " ").trim() ?? "";
      const body = /** @type {HTMLElement} */ (document.querySelector(".opened-body"));
      const { ringHere } = await import(/** @type {HTMLScriptElement} */ (document.querySelector('script[src$="/reader/main.js"]')).src);
      const facts = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("bookplate")).dataset.bookplate ?? "");
      const blob = (/** @type {Attr} */ { name, value }) => name === "src" && value.startsWith("blob:");
      getSelection()?.selectAllChildren(body);
      return {
        text: text(".opened-body"), facts: text(".facts"), here: text(".here"), file: facts.file,
        findable: getSelection()?.toString().replace(/\s+/g, " ") ?? "",
        elements: [...document.querySelectorAll("body *")].map((one) =>
          [one.tagName, ...[...one.attributes].filter((each) => !blob(each)).map(({ name, value }) => `${name}=${value}`)]),
        whole: [...body.querySelectorAll(":scope > p")].every((p) => [...p.childNodes].every((node, i, all) => node.nodeType !== 3 || all[i + 1]?.nodeType !== 3)),
        ring: [...(await ringHere()).bytes],
      };
    });
    Object.assign(copy, { order, ring: new Uint8Array(copy.ring) });
  });
  return copy;
}

/** Changes the display line of the keyring that this device has. @param {Page} page @param {string} line */
async function display(page, line) {
  const bytes = Buffer.from(await page.evaluate(async () => {
    const { ringHere } = await import(/** @type {HTMLScriptElement} */ (document.querySelector('script[src$="/reader/main.js"]')).src);
    return [...(await ringHere()).bytes];
  }));
  let at = 6;
  for (let i = 0; i < 2; i++) at += 1 + bytes[at];
  at += 16;
  bytes.fill(0, at, at + 128);
  bytes[at] = bytes.write(line, at + 1);
  createHash("sha256").update(bytes.subarray(0, -32)).digest().copy(bytes, bytes.length - 32);
  await page.evaluate(async (all) => {
    const { name } = (await indexedDB.databases())[0];
    const open = indexedDB.open(/** @type {string} */ (name));
    await new Promise((done) => (open.onsuccess = done));
    const table = open.result.transaction("kept", "readwrite").objectStore("kept");
    const read = table.get(0);
    await new Promise((done) => (read.onsuccess = done));
    for (const ring of Object.values(read.result.rings)) /** @type {any} */ (ring).bytes = new Uint8Array(all);
    const put = table.put(read.result, 0);
    await new Promise((done) => (put.onsuccess = done));
    open.result.close();
  }, [...bytes]);
}
