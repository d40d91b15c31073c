// The reader in a real browser, against the real builder and key endpoint. Once at the root of a host with the endpoint beside it,
// once under a path with the endpoint on another origin. BOOKPLATE_BINARY names another binary, BOOKPLATE_CHROMIUM another browser.
import { after, before, describe } from "node:test";
import { buying } from "./buying.mjs";
import { corpora } from "./corpora.mjs";
import { keeping } from "./keeping.mjs";
import { lessonText } from "./lesson_text.mjs";
import { marks } from "./marks.mjs";
import { previewed } from "./preview.mjs";
import { stopBrowser } from "./profiles.mjs";
import { rotating } from "./rotating.mjs";
import { refreshed, withoutEndpoint } from "./static_keys.mjs";
import { World } from "./world.mjs";

const WORLDS = {
  "at /": { base: "/", apart: false },
  "under /courses/, the endpoint on another origin": { base: "/courses/", apart: true },
};

after(stopBrowser);

for (const [name, how] of Object.entries(WORLDS)) {
  describe(name, () => {
    /** @type {World} */
    let world;
    before(async () => {
      world = await World.open(how);
    });
    after(() => world?.close());
    buying(() => world);
    lessonText(() => world);
    keeping(() => world);
  });
}
describe("without an endpoint", withoutEndpoint);
describe("keyrings from the list of orders", refreshed);
describe("rotate", rotating);
describe("marks", marks);
describe("bookplate serve", previewed);
describe("real courses", corpora);
