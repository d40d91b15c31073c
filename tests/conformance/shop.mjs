// The provider's side: signed webhooks as Lemon Squeezy sends them, and its licence API as far as healing needs it.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";

export const STORE = 10001;
/** The course `ownership`; both courses. */
export const ONE = 40001, BUNDLE = 40009;

/** JSON as PHP writes it: `\/`, and `\uXXXX` for what is not ASCII. */
const php = (value) => JSON.stringify(value).replaceAll("/", "\\/").replace(/[^ -~]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
/** @param {number} seconds @param {number} [micros] */
export const iso = (seconds, micros = 0) => new Date(seconds * 1000).toISOString().replace(/\.\d+Z/, `.${String(micros).padStart(6, "0")}Z`);

export const sign = (secret, body) => createHmac("sha256", secret).update(body).digest("hex");

/** What somebody bought; everything else follows from the number. */
export function purchase(number, more = {}) {
  return { number, product: ONE, variant: 50001, quantity: 1, total: 4900, name: "Test Buyer", claim: undefined, paid_at: Math.floor(Date.now() / 1000) - 60,
    order: 7_000_000 + (number % 1_000_000), reference: `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, "0")}`,
    key: (copy = 0) => `BBBBBBBB-0000-4000-8${copy.toString(16).padStart(3, "0").toUpperCase()}-${String(number).padStart(12, "0")}`,
    keyId: (copy = 0) => 80_000 + (number % 1_000_000) * 100 + copy, ...more };
}

/** A shop with a webhook. */
export class Shop {
  constructor(secret, { test = false, store = STORE } = {}) {
    Object.assign(this, { secret, test, store });
  }

  signed(event, type, id, attributes, custom) {
    const meta = { test_mode: this.test, event_name: event, ...(custom && { custom_data: custom }), webhook_id: "00000000-0000-4000-8000-000000000001" };
    return this.envelope(event, php({ meta, data: { type, id: String(id), attributes: { ...attributes, test_mode: this.test }, links: { self: `https://api.lemonsqueezy.com/v1/${type}/${id}` } } }));
  }

  envelope(event, body) {
    return { event, body, signature: sign(this.secret, body) };
  }

  order(bought, event, { status = "paid", refunded = 0, full = false, at = bought.paid_at, ...more } = {}) {
    return this.signed(event, "orders", bought.order, {
      store_id: this.store, customer_id: 20001, identifier: bought.reference, order_number: bought.number, user_name: bought.name,
      user_email: "buyer@example.com", currency: "USD", currency_rate: "1.00000000", total: bought.total, tax_name: null, tax_rate: "20.00",
      refunded_amount: refunded, status, refunded: full, refunded_at: full ? iso(at) : null,
      first_order_item: { id: 1, order_id: bought.order, product_id: bought.product, variant_id: bought.variant, quantity: bought.quantity },
      urls: { receipt: "https://app.lemonsqueezy.com/my-orders/x?signature=0" }, created_at: iso(bought.paid_at), updated_at: iso(at + 1), ...more,
    }, bought.claim && { claim: bought.claim });
  }

  paid = (bought, more) => this.order(bought, "order_created", more);
  pending = (bought) => this.order(bought, "order_created", { status: "pending" });
  refunded = (bought, cents = bought.total, at = bought.paid_at + 30) =>
    this.order(bought, "order_refunded", { refunded: cents, full: cents >= bought.total, status: cents >= bought.total ? "refunded" : "partial_refund", at });
  fraudulent = (bought) => this.order(bought, "order_refunded", { status: "fraudulent", refunded: bought.total, full: true, at: bought.paid_at + 40 });

  licence(bought, copy = 0, { event = "license_key_created", expires_at = null, ...more } = {}) {
    return this.signed(event, "license-keys", bought.keyId(copy), {
      store_id: this.store, customer_id: 20001, order_id: bought.order, order_item_id: 1, product_id: bought.product, user_name: bought.name,
      user_email: "buyer@example.com", key: bought.key(copy), key_short: "XXXX-" + bought.key(copy).slice(-12), activation_limit: 3, instances_count: 0,
      disabled: 0, status: "inactive", expires_at: expires_at && iso(expires_at), created_at: iso(bought.paid_at), updated_at: iso(bought.paid_at), ...more,
    });
  }

  /** A subscription that began with a purchase, as it stands so many seconds later. */
  subscription(bought, status, after = 0, { event = "subscription_updated", ...more } = {}) {
    return this.signed(event, "subscriptions", bought.number, {
      store_id: this.store, customer_id: 20001, order_id: bought.order, order_item_id: 1, product_id: bought.product, variant_id: bought.variant, user_name: bought.name,
      user_email: "buyer@example.com", status, card_brand: null, card_last_four: null, pause: null, cancelled: status === "cancelled", trial_ends_at: null,
      first_subscription_item: null, renews_at: iso(bought.paid_at + 30 * 86400), ends_at: null, created_at: iso(bought.paid_at), updated_at: iso(bought.paid_at + after), ...more,
    }, bought.claim && { claim: bought.claim });
  }

  /** A payment of it, from 0. */
  payment(bought, n, { event = "subscription_payment_success", status = "paid", after = n, ...more } = {}) {
    return this.signed(event, "subscription-invoices", bought.number * 10 + n, {
      store_id: this.store, subscription_id: bought.number, customer_id: 20001, user_email: "buyer@example.com", billing_reason: n ? "renewal" : "initial", currency: "USD",
      status, total: 900, refunded: status === "refunded", refunded_amount: status === "refunded" ? 900 : 0, refunded_at: null, created_at: iso(bought.paid_at + n), updated_at: iso(bought.paid_at + after), ...more,
    });
  }

  /** What the licence API says of a key of this shop. */
  validated(bought, status = "active", copy = 0) {
    const error = { expired: "This license key has expired.", disabled: "This license key is disabled." }[status] ?? null;
    return { status: 200, body: JSON.stringify({ valid: !error, error,
      license_key: { id: bought.keyId(copy), status, key: bought.key(copy), activation_limit: 3, activation_usage: 0, created_at: iso(bought.paid_at), expires_at: null, test_mode: this.test },
      instance: null, meta: { store_id: this.store, order_id: bought.order, order_item_id: 1, product_id: bought.product, product_name: "Example course",
        variant_id: bought.variant, variant_name: "Default", customer_id: 20001, customer_name: bought.name, customer_email: "buyer@example.com" } }) };
  }
}

export const UNKNOWN = { status: 404, body: '{"valid":false,"error":"license_key not found."}' };

/** Opens the main API. */
export const API_KEY = "api-key-of-the-bench-0123456789abcdef";

/**
 * The provider on a port. Of its licence API, `says` maps a key to an answer, and everything else is unknown; of its main API, it lists `keys`,
 * whatever the filter says, and switches them off.
 */
export async function provider() {
  const says = new Map();
  /** @type {{ id: string, order_id: number, status: string }[]} */
  const keys = [];
  let calls = 0;

  /** @param {import("node:http").IncomingMessage} request @param {string} body */
  function main({ method, url, headers }, body) {
    if (headers.authorization !== `Bearer ${API_KEY}` || headers.accept !== "application/vnd.api+json") return { status: 401, body: "{}" };
    const shown = ({ id, ...attributes }) => ({ type: "license-keys", id, attributes: { store_id: STORE, product_id: ONE, key: "k", disabled: 0, ...attributes } });
    if (method === "GET" && url.startsWith("/v1/license-keys?")) return { status: 200, body: JSON.stringify({ meta: { page: { currentPage: 1, lastPage: 1 } }, data: keys.map(shown) }) };
    const key = keys.find(({ id }) => method === "PATCH" && url === `/v1/license-keys/${id}`);
    const { data } = JSON.parse(body || "{}");
    if (!key || data?.id !== key.id || data.type !== "license-keys" || data.attributes.disabled !== true) return { status: 422, body: "{}" };
    key.status = "disabled";
    return { status: 200, body: JSON.stringify({ data: shown(key) }) };
  }

  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const key = new URLSearchParams(body).get("license_key") ?? "";
    const right = request.method === "POST" && request.url === "/v1/licenses/validate" && request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
    if (!request.url.startsWith("/v1/licenses/")) {
      const { status, body: text } = main(request, body);
      return void response.writeHead(status, { "content-type": "application/vnd.api+json" }).end(text);
    }
    calls++;
    const { status, body: text } = right ? (says.get(key) ?? UNKNOWN) : { status: 400, body: "not how this API is called" };
    response.writeHead(status, { "content-type": text.startsWith("{") ? "application/json" : "text/html" }).end(text);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { says, keys, url: `http://127.0.0.1:${server.address().port}`, calls: () => calls, stop: () => server.close() };
}
