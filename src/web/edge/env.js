// Settings from environment variables, the same ones everywhere.

import { API } from "./lemon_squeezy.js";

/** @param {(name: string) => string | undefined} get */
export const settings = (get) => {
  const value = (/** @type {string} */ name) => (get("BOOKPLATE_" + name) ?? "").trim();
  return {
    siteKey: value("SITE_KEY"),
    secrets: value("LEMON_SQUEEZY_SECRET").split(",").map((secret) => secret.trim()).filter(Boolean),
    adminToken: value("ADMIN_TOKEN"),
    mode: /** @type {"live" | "test"} */ (value("MODE") === "test" ? "test" : "live"),
    api: value("LEMON_SQUEEZY_API") || API,
    log: (/** @type {object} */ line) => console.log(JSON.stringify(line)),
  };
};
