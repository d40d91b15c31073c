// Nothing that opens anything, and nobody's name, stands in the log or in the store: looked at last, when everything was asked.
import { assert } from "../client.mjs";
import { API_KEY } from "../shop.mjs";
import { ADMIN, PREVIOUS, SECRET, live, siteKey } from "../world.mjs";

export default {
  async "logs and stores hold no secret and no name"(t) {
    const bought = await t.bought({ name: "Zaphod Quillfeather" });
    await t.stored("live", live.licence(bought));
    const first = await t.open(bought);
    const second = await t.licence(bought.key());
    const kept = (await t.devices(second.token, "lock")).token;
    await t.refresh(kept);
    await t.refresh("bookplate_token_v1_QQnoRightTokenQQ");
    await t.licence("not-a-licence-at-all");
    await t.post("/unlock", { claim: bought.code, order: "not-the-reference" });
    await t.get(`/ledger?token=${ADMIN}`, { headers: { authorization: `Bearer ${ADMIN}` } });
    await t.hook({ ...live.paid(bought), signature: "0".repeat(64) });
    const places = { "the log": t.target.log(), ...(t.target.stored && { "the store": t.target.stored() }) };
    const texts = [bought.code, bought.reference, bought.key(), first.token, second.token, kept, "Zaphod", "Quillfeather", "example.com\"", "buyer@", "not-a-licence-at-all", "not-the-reference", "QQnoRightTokenQQ",
      SECRET, PREVIOUS, ADMIN, API_KEY, siteKey(), first.keyring, second.keyring];
    for (const [place, held] of Object.entries(places)) {
      for (const text of texts.flatMap((text) => [text, text.toLowerCase(), text.replaceAll("-", "")])) assert.ok(!held.includes(text), `${place} holds ${text.slice(0, 40)}`);
      assert.ok(held.includes(String(bought.order)), `${place} was not looked at`);
    }
    for (const word of ["webhook", "healed", "lemon_squeezy:"]) assert.ok(places["the log"].toLowerCase().includes(word), `the log does not hold ${word}`);
  },
};
