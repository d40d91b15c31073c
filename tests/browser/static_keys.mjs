// A site with no endpoint at all: keyrings are files beside it, sealed under codes that the author sends.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { PAGES, say, seesLocked, seesOpen, seesStatus } from "./lesson.mjs";
import { API_KEY, ordersApi } from "./orders_api.mjs";
import { PRODUCTS, STORE, writeSite } from "./site.mjs";
import { World, bookplate } from "./world.mjs";

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

/** Keyrings from the provider's list of orders, made again from time to time. */
export function refreshed() {
  /** @type {World} */
  let world;
  /** @type {Awaited<ReturnType<typeof ordersApi>>} */
  let api;
  /** @type {Record<string, { id: string, attributes: any }[]>} */
  const lists = { orders: [], "license-keys": [] };
  const settings = (/** @type {string} */ url) => `marks: off\nsite: { id: browser-shop, title: Browser shop, url: "${url}" }\n`
    + `keys: { refresh: 30 }\npayments: { lemon_squeezy: { store: ${STORE} } }\n`;
  before(async () => {
    api = await ordersApi(lists);
    world = await World.open({ base: "/class/", apart: false, keys: false, write: (dir, of) => writeSite(dir, { ...of, more: { "bookplate.yaml": settings(of.url) } }) });
  });
  after(async () => {
    api?.stop();
    await world?.close();
  });

  /** @param {number} n @param {string} name @returns {string} the licence key */
  function sells(n, name) {
    const times = { created_at: "2026-03-02T10:00:00.000000Z", updated_at: "2026-03-02T10:00:00.000000Z", test_mode: false };
    const key = `38B1460A-5104-4067-A91D-${String(n).padStart(12, "0")}`;
    lists.orders.push({ id: String(n), attributes: { store_id: STORE, order_number: 1000000 + n, user_name: name, user_email: "buyer@example.com", status: "paid",
      refunded: false, refunded_amount: 0, total: 4900, currency: "USD", first_order_item: { product_id: PRODUCTS.ownership, variant_id: 1, quantity: 1 }, ...times } });
    lists["license-keys"].push({ id: String(8e4 + n), attributes: { store_id: STORE, order_id: n, product_id: PRODUCTS.ownership, key, status: "active", disabled: 0, ...times } });
    return key;
  }

  /** What the workflow does on its schedule. */
  async function refresh() {
    Object.assign(process.env, { BOOKPLATE_LEMON_SQUEEZY_API: api.url, BOOKPLATE_LEMON_SQUEEZY_API_KEY: API_KEY });
    try {
      return (await bookplate(world.home, "keyrings", world.folder, "--preview-key")).stdout;
    } finally {
      delete process.env.BOOKPLATE_LEMON_SQUEEZY_API;
      delete process.env.BOOKPLATE_LEMON_SQUEEZY_API_KEY;
    }
  }

  /** @param {import("playwright-core").Page} page @param {string} key */
  async function enters(page, key) {
    if (!await page.locator(".code-form").isVisible()) await page.locator(".have-code").click();
    await page.locator("#code-input").fill(key);
    await page.locator(".code-form button[type=submit]").click();
  }

  test("a licence key opens after the next refresh; a refunded one stays out of the next epoch, and the other reader notices nothing", async () => {
    const [ada, bob] = [sells(1, "Ada Lovelace"), sells(2, "Bob Kahn")];
    await world.reader((first) => world.reader(async (second) => {
      await first.goto(world.url(PAGES.paid));
      await first.locator("#lock", { hasText: "works within 70 minutes" }).waitFor();
      await enters(first, ada);
      await seesStatus(first, say.unknown);
      assert.match(await refresh(), /^2 keyrings in 16 files/);
      await enters(first, ada.toLowerCase());
      await seesOpen(first);
      await first.locator(".plate-line", { hasText: "0001, A. L." }).waitFor();
      await second.goto(world.url(PAGES.paid));
      await enters(second, bob);
      await seesOpen(second);

      Object.assign(lists.orders[0].attributes, { status: "refunded", refunded: true, refunded_amount: 4900, updated_at: "2026-03-03T10:00:00.000000Z" });
      assert.match(await refresh(), /^1 keyring in 16 files.* 1 older/);
      await world.build({ epoch: 2 });
      await refresh();
      await second.reload();
      await seesOpen(second);
      await first.reload();
      await seesStatus(first, say.unknown);
      await seesLocked(first);
    }, { failing: true }), { failing: true });
  });
}
