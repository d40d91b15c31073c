// Settings from environment variables, the same ones everywhere.

/** @param {(name: string) => string | undefined} get */
export const settings = (get) => {
  const value = (/** @type {string} */ name) => (get("BOOKPLATE_" + name) ?? "").trim();
  return {
    siteKey: value("SITE_KEY"),
    secrets: value("LEMON_SQUEEZY_SECRET").split(",").map((secret) => secret.trim()).filter(Boolean),
    adminToken: value("ADMIN_TOKEN"),
    mode: /** @type {"live" | "test"} */ (value("MODE") === "test" ? "test" : "live"),
    api: value("LEMON_SQUEEZY_API") || undefined,
    log: (/** @type {string} */ level, /** @type {string} */ message, /** @type {object | undefined} */ fields) =>
      console.log(JSON.stringify({ level, message, ...fields })),
  };
};
