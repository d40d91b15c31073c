// Settings from environment variables, the same ones everywhere.

/** @param {(name: string) => string | undefined} get */
export const settings = (get) => {
  const value = (/** @type {string} */ name) => (get("BOOKPLATE_" + name) ?? "").trim();
  const list = (/** @type {string} */ name) => value(name).split(",").map((secret) => secret.trim()).filter(Boolean);
  return {
    siteKey: value("SITE_KEY"),
    // A live endpoint does not know the secret of rehearsals.
    secrets: [...list("LEMON_SQUEEZY_SECRET"), ...(value("MODE") === "test" ? list("REHEARSAL_SECRET") : [])],
    adminToken: value("ADMIN_TOKEN"),
    mode: value("MODE") || "live",
    api: value("LEMON_SQUEEZY_API") || "https://api.lemonsqueezy.com",
    apiKey: value("LEMON_SQUEEZY_API_KEY"),
    log: (/** @type {object} */ line) => console.log(JSON.stringify(line)),
  };
};
