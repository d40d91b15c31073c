// A new epoch in three steps, as an author makes it on the command line: two readers paid, one was refunded.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PAGES, entersCode, ownsCourse, say, seesLocked, seesOpen, seesStatus } from "./lesson.mjs";
import { World, bookplate } from "./world.mjs";

const NEWS = "This sentence was written after the refund.";

export function rotating() {
  /** @type {World} */
  let world;
  before(async () => {
    world = await World.open({ base: "/", apart: true });
  });
  after(() => world?.close());

  /** `bookplate rotate`, the build, and the key endpoint with the new catalog; nothing else changes. @param {RegExp} words */
  async function step(words) {
    const site = join(world.home, "site");
    const { stdout } = await bookplate(world.home, "rotate", "ownership", "--site", site, "--catalog", join(world.folder, "catalog.json"), "--preview-key");
    assert.match(stdout, words);
    await bookplate(world.home, "build", site, "--out", world.folder, "--preview-key");
    await world.stopKeys();
    await world.startKeys();
  }

  test("rotate: who paid reads the new publication without a click, who was refunded sees the locked page and why", () =>
    world.reader((first, its) => world.reader((second) => world.reader(async (refunded) => {
      for (const page of [first, second]) await ownsCourse(page, world);
      await world.shop.refunded(await ownsCourse(refunded, world));
      const asked = () => its.requests.filter((address) => address.endsWith("/refresh")).length;

      await step(/step 1 of 3/);
      for (const page of [first, second]) {
        await page.reload();
        await seesOpen(page);
      }
      // A device that comes now gets keys for the pages of today and of tomorrow.
      await world.reader(async (late) => {
        const key = await world.shop.licence(await world.sell());
        await late.goto(world.url(PAGES.paid));
        await entersCode(late, key);
        await seesOpen(late);
      });
      assert.equal(asked(), 0, "announcing an epoch changes nothing for a reader");

      await appendFile(join(world.home, "site/content/ownership/03-moving.md"), `\n${NEWS}\n`);
      await step(/step 2 of 3/);
      for (const page of [first, second]) {
        await page.reload();
        await seesOpen(page, NEWS);
      }
      assert.equal(asked(), 1, "one silent question");
      await refunded.reload();
      await seesStatus(refunded, say.refunded);
      await seesLocked(refunded, NEWS);

      await step(/step 3 of 3/);
      for (const page of [first, second]) {
        await page.goto(world.url(PAGES.preview));
        await page.goto(world.url(PAGES.paid));
        await seesOpen(page, NEWS);
      }
      assert.equal(asked(), 1, "and no second one");
      await refunded.reload();
      await seesStatus(refunded, say.refunded);
      await seesLocked(refunded, NEWS);
    }, { failing: true }))));
}
