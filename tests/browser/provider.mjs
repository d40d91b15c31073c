// The provider's licence API on a port of its own: what it answers about keys whose webhooks never came.
import { listen } from "./serve.mjs";

/** @typedef {{ id: string, identifier: string, number: number, product: number, name: string }} Order */

/** @param {{ store: number }} shop */
export async function licenceApi({ store }) {
  /** @type {Map<string, object>} */
  const keys = new Map();
  const { origin, close } = await listen(async (request, response) => {
    let form = "";
    for await (const part of request) form += part;
    const found = keys.get(new URLSearchParams(form).get("license_key") ?? "");
    const fits = request.method === "POST" && request.url === "/v1/licenses/validate";
    if (api.down) return response.writeHead(503, { "content-type": "text/html" }).end("<title>Just a moment</title>");
    const answer = fits && found ? found : { valid: false, error: "license_key not found." };
    response.writeHead(fits && found ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const api = {
    origin, close,
    /** Answers with a page of HTML, as a host before it does in trouble. */ down: false,
    /** The buyer has this key in his mail. @param {Order} order @param {string} key */
    mailed(order, key) {
      keys.set(key, {
        valid: true, error: null, instance: null,
        license_key: { id: 90000 + order.number, status: "inactive", key, activation_limit: 3, activation_usage: 0, created_at: new Date().toISOString(), expires_at: null, test_mode: true },
        meta: {
          store_id: store, order_id: Number(order.id), order_item_id: 30001, product_id: order.product, product_name: "Course", variant_id: order.product + 10000,
          variant_name: "Default", customer_id: 20001, customer_name: order.name, customer_email: "buyer@example.com",
        },
      });
    },
  };
  return api;
}
