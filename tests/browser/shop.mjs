// The payment provider's side, written apart from the Rust code: bodies as Lemon Squeezy sends them, signed with node:crypto.
import { createHmac, randomUUID } from "node:crypto";

/** Where the test site's Buy links lead. */
export const CHECKOUT = "https://checkout.example";

/** As PHP writes JSON: slashes and everything beyond ASCII escaped, members in the order given. @param {unknown} value */
const phpJson = (value) => JSON.stringify(value).replaceAll("/", "\\/")
  .replace(/[^\x20-\x7e]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));

/** @typedef {{ id: string, identifier: string, number: number, product: number, claim: string | undefined, name: string, total: number }} Order */

let next = 1;

/** An order of the shop's store. @param {{ product: number, claim?: string, name?: string, total?: number }} of @returns {Order} */
export function order({ product, claim, name = "Ada Lovelace", total = 4900 }) {
  const n = next++;
  return { id: String(7100000 + n), identifier: randomUUID(), number: 1000100 + n, product, claim, name, total };
}

export class Shop {
  /** @param {{ endpoint: string, secret: string, store: number }} at */
  constructor({ endpoint, secret, store }) {
    this.endpoint = endpoint;
    this.secret = secret;
    this.store = store;
  }

  /** @param {string} event @param {object} data @param {string} [claim] */
  async send(event, data, claim) {
    const custom = claim ? { custom_data: { claim } } : {};
    const body = phpJson({ meta: { test_mode: true, event_name: event, ...custom, webhook_id: randomUUID() }, data });
    const answer = await fetch(new URL("webhooks/lemon_squeezy", this.endpoint), {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-event-name": event,
        "x-signature": createHmac("sha256", this.secret).update(body).digest("hex"),
      },
    });
    const said = await answer.text();
    if (answer.status !== 200) throw new Error(`webhook ${event}: ${answer.status} ${said}`);
    return said;
  }

  /** @param {Order} order */
  paid(order) {
    return this.send("order_created", this.#order(order, { status: "paid", refunded: false, refunded_at: null, refunded_amount: 0 }), order.claim);
  }

  /** @param {Order} order @param {number} [amount] all of it unless told */
  refunded(order, amount = order.total) {
    const full = amount === order.total;
    return this.send("order_refunded", this.#order(order, {
      status: full ? "refunded" : "partial_refund", refunded: full, refunded_at: full ? now() : null, refunded_amount: amount,
    }), order.claim);
  }

  /** Mails a licence key. @param {Order} order @returns {Promise<string>} the key */
  async licence(order) {
    const key = randomUUID().toUpperCase();
    await this.send("license_key_created", {
      type: "license-keys",
      id: String(80000 + next++),
      attributes: {
        store_id: this.store, customer_id: 20001, order_id: Number(order.id), order_item_id: 30001, product_id: order.product,
        user_name: order.name, user_email: "buyer@example.com", key, key_short: `XXXX-${key.slice(-12)}`, activation_limit: 3, instances_count: 0,
        disabled: 0, status: "inactive", status_formatted: "Inactive", expires_at: null, created_at: now(), updated_at: now(), test_mode: true,
      },
      links: { self: `https://api.lemonsqueezy.com/v1/license-keys/${order.id}` },
    }, order.claim);
    return key;
  }

  /** @param {Order} order @param {object} state */
  #order({ id, identifier, number, product, name, total }, state) {
    return {
      type: "orders",
      id,
      attributes: {
        store_id: this.store, customer_id: 20001, identifier, order_number: number, user_name: name, user_email: "buyer@example.com",
        currency: "USD", currency_rate: "1.00000000", subtotal: total, setup_fee: 0, discount_total: 0, tax: 0, total,
        subtotal_usd: total, setup_fee_usd: 0, discount_total_usd: 0, tax_usd: 0, total_usd: total, refunded_amount_usd: 0,
        tax_name: "Sales Tax", tax_rate: 0, tax_inclusive: false, status_formatted: "Paid", total_formatted: "$49.00", ...state,
        first_order_item: {
          id: 30001, order_id: Number(id), product_id: product, variant_id: product + 10000, price_id: 60001, product_name: "Course", variant_name: "Default",
          price: total, quantity: 1, created_at: now(), updated_at: now(), test_mode: true,
        },
        urls: { receipt: `https://app.lemonsqueezy.com/my-orders/${identifier}?expires=1&signature=0` },
        created_at: now(), updated_at: now(), test_mode: true,
      },
      links: { self: `https://api.lemonsqueezy.com/v1/orders/${id}` },
    };
  }
}

/** As the provider writes times. */
const now = () => new Date().toISOString().replace("Z", "000Z");
