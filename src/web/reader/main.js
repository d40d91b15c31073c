// Opens what was paid for. Runs on every page that has `#bookplate`; the page's own facts stand there as JSON.

import { Keyring, ProtocolError, claimHash, newCode, openStatic, parseCode, staticPath } from "../protocol.js";
import { call, fromBase64 } from "./client.js";
import { openInto } from "./open.js";
import { button, code as codeBox, make, panel, plate } from "./panel.js";
import { ask, checkoutUrl, due, pairs, soon, takeOrder } from "./pending.js";
import { openStore } from "./store.js";
import { words } from "./text.js";

/**
 * @typedef {{ site: string, base: string, course: string, lesson: string | null, file: string, sha256: string, epoch: number,
 *   endpoint: string | null, static: string, checkout: string | null, lang: string,
 *   courses: { id: string, title: string, url: string, epoch: number }[] }} Page
 * @typedef {import("./store.js").Ring} Ring @typedef {import("./store.js").Proof} Proof @typedef {import("./client.js").Answer} Answer @typedef {import("./text.js").Word} Word
 * @typedef {{ fresh?: boolean, once?: Proof }} How fresh: by the reader's own act just now; once: the claim to show
 */

const root = /** @type {HTMLElement} */ (document.getElementById("bookplate"));
/** @type {Page} */
const page = JSON.parse(root.dataset.bookplate ?? "");
const say = words(page.lang);
const ui = panel(root);
const store = await openStore(page.site);
const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
const now = () => Date.now();
/** Takes the opened text away. */
let close = () => {};

/** Says a word and gives no result. @param {Word} word @param {"busy" | "bad" | "good"} [tone] @param {Node[]} more */
const tell = (word, tone, ...more) => ui.say(say[word], tone, ...more);

// Keyrings

/** @returns {Promise<Ring | undefined>} of this page's course */
const ringHere = () => store.get("ring:" + page.course);
/** @param {Ring} ring */
const keep = (ring) => store.put("ring:" + ring.course, ring);

/** Keeps what an answer of `unlock` or `refresh` gives: one keyring, and the right to ask for the others. @param {any} body @param {Proof} [proof] */
async function accept(body, proof) {
  for (const { course } of body.courses ?? [body]) {
    const mine = course === body.course && body.keyring;
    const old = await store.get("ring:" + course);
    await keep({ ...old, course, token: body.token ?? old?.token, closed: "", checked: mine ? now() : old?.checked ?? 0,
      bytes: mine ? fromBase64(body.keyring) : old?.bytes, proof: proof ?? old?.proof });
  }
}

/**
 * Asks for the current keyring of this course. Only a clear no takes the old one away.
 * @param {Ring} ring @returns {Promise<Word | "">} why there is no new one
 */
async function renew(ring) {
  const { token, course, proof } = ring;
  if (!page.endpoint) return proof?.licence ? useStatic(proof.licence) : "";
  let answer = await call(page.endpoint, "refresh", { token, course });
  if (answer.kind === "token" && proof) answer = await unlock(proof, course);
  if (answer.kind === "ok") await accept(answer.body);
  else await keep(answer.kind === "closed" ? { course, checked: now(), closed: answer.reason } : { ...ring, checked: soon(now()) });
  return refusal(answer);
}

/** @param {any} answer @returns {Word | ""} */
const refusal = ({ kind, reason }) => reason ?? (kind === "ok" ? "" : kind === "token" ? "unknown" : kind);

/** A keyring that lies beside the site, sealed under a code. @param {string} code @returns {Promise<Word | "">} */
async function useStatic(code) {
  const { site, course, epoch } = page;
  const answer = await fetch(page.static + await staticPath(code, site, course, epoch)).catch(() => null);
  if (!answer?.ok) return answer?.status === 404 ? "unknown" : "down";
  try {
    const bytes = await openStatic(code, site, course, epoch, new Uint8Array(await answer.arrayBuffer()));
    await keep({ course, bytes, proof: { licence: code }, checked: now(), closed: "" });
    return "";
  } catch {
    return "unknown";
  }
}

// Opening

/** Shows the lesson if this device may. @param {How} [how] */
async function open(how = {}) {
  const ring = await ringHere();
  if (!ring) return;
  let word = ring.closed || await show(how);
  if (word === "renew") word = await renew(ring) || await show(how);
  if (word) return shut(/** @type {Word} */ (word === "renew" ? "file" : word));
  if (due(ring, now()) && navigator.onLine && await renew(ring) && (await ringHere())?.closed) shut(/** @type {Word} */ ((await ringHere())?.closed));
}

/** @param {How} how @returns {Promise<Word | "renew" | "">} why not; "renew" where another keyring may help */
async function show({ fresh, once }) {
  const ring = await ringHere();
  if (!ring?.bytes) return "renew";
  if (!page.lesson) {
    ui.lock.setAttribute("data-open", "");
    tell("open", "good");
    if (once) ui.lock.append(codeBox(say, once));
    return "";
  }
  const body = make("div", { class: "opened-body" });
  try {
    const keyring = await Keyring.parse(ring.bytes);
    const undo = await openInto(keyring, page, body);
    close();
    close = undo;
    ui.opened.replaceChildren(plate(say, keyring.display, once), body, devices(ring));
  } catch (error) {
    return error instanceof ProtocolError ? "renew" : "file";
  }
  ui.showOpened();
  body.dispatchEvent(new CustomEvent("bookplate:open", { bubbles: true }));
  if (fresh) {
    const first = /** @type {HTMLElement | null} */ (body.firstElementChild);
    first?.setAttribute("tabindex", "-1");
    first?.focus({ preventScroll: true });
  } else if (location.hash) location.replace(location.hash);
  return "";
}

/** Back to the locked page. @param {Word} why @param {"good"} [tone] */
function shut(why, tone) {
  close();
  close = () => {};
  ui.showLock();
  tell(why, tone);
  marks();
}

/** Outlines and cards show which courses this device can open. */
async function marks() {
  const open = (await store.all("ring:")).filter((ring) => !ring.closed).map((ring) => ring.course);
  document.documentElement.dataset.openCourses = open.join(" ");
  for (const element of document.querySelectorAll("[data-course]")) {
    element.toggleAttribute("data-open", open.includes(/** @type {HTMLElement} */ (element).dataset.course));
  }
}

// Unlocking

/** @param {Proof} proof @param {string} course @returns {Promise<Answer>} */
async function unlock(proof, course) {
  let device = await store.get("device");
  if (!device) await store.put("device", device = crypto.randomUUID().replaceAll("-", ""));
  const slow = setTimeout(() => tell("slow", "busy"), 5e3);
  const answer = await call(/** @type {string} */ (page.endpoint), "unlock", { ...proof, course, device });
  clearTimeout(slow);
  return answer;
}

/** After the answer to a code or a claim. @param {Answer} answer @param {Proof} proof @param {boolean} [first] the claim made by this browser, to be shown once */
async function settle(answer, proof, first) {
  if (answer.kind !== "ok") return tell(/** @type {Word} */ (refusal(answer)));
  await accept(answer.body, proof);
  await marks();
  /** @type {string[]} */
  const ids = answer.body.courses.map((/** @type {Ring} */ one) => one.course);
  if (ids.includes(page.course)) return open({ fresh: true, once: first ? proof : undefined });
  const links = page.courses.filter((course) => ids.includes(course.id)).map(({ url, title }) => make("a", { href: url }, title));
  tell(page.course ? "other" : "open", "good", ...links);
}

/** @param {Proof} proof */
const prove = async (proof) => settle(await unlock(proof, page.course), proof);

/** @param {string} typed @param {string} order */
async function enter(typed, order) {
  if (!typed) return ui.code.focus();
  let claim = "";
  try {
    claim = parseCode(typed);
  } catch {
    // Not one of our codes: a licence key has any form. But 26 letters and digits are ours, mistyped.
    if (typed.replace(/[\s-]/g, "").length === 26) return tell("typo");
  }
  tell("opening", "busy");
  if (!page.endpoint) {
    const word = await useStatic(claim || typed);
    return word ? tell(word) : open({ fresh: true });
  }
  if (!claim) return prove({ licence: typed });
  if (order) return prove({ claim, order });
  tell("order");
  ui.order?.focus();
}

/** A fresh claim is on disk before the browser leaves for the checkout. */
async function buy() {
  const code = newCode();
  await store.put("claim:" + code, { code, course: page.course, page: location.pathname + location.search, at: now(), y: scrollY });
  location.assign(checkoutUrl(/** @type {string} */ (page.checkout), await claimHash(code, page.site), location.search));
}

/** Takes the order reference out of the address bar, and goes back to where Buy was pressed. @returns {Promise<boolean>} whether the browser leaves */
async function returned() {
  const { order, rest } = takeOrder(location.href);
  if (rest !== location.href) history.replaceState(history.state, "", rest);
  if (order) await store.put("order:" + order, { order, at: now() });
  const [claim] = (await store.all("claim:")).sort((a, b) => b.at - a.at);
  if (!claim) {
    if (order) {
      ui.order.value = order;
      ui.showForm();
    }
    return false;
  }
  const here = location.pathname + location.search === claim.page;
  if (order && !here) {
    await store.put("claim:" + claim.code, { ...claim, back: true });
    location.replace(claim.page);
    return true;
  }
  if (here && (claim.back || order)) {
    await store.put("claim:" + claim.code, { ...claim, back: false });
    scrollTo({ top: claim.y, behavior: "instant" });
  }
  return false;
}

/** Asks for what was paid and is not open yet. */
async function waiting() {
  if (!page.endpoint) return;
  const tries = pairs(await store.all("claim:"), await store.all("order:"), now());
  if (!tries.length) return;
  tell("asking", "busy");
  let used = tries[0];
  const answer = await ask(async () => {
    /** @type {Answer} */
    let best = { kind: "unknown" };
    for (const pair of tries) {
      const answer = await unlock({ claim: pair.claim.code, order: pair.order }, pair.claim.course);
      if (answer.kind === "ok" || answer.kind === "closed") {
        used = pair;
        return answer;
      }
      if (answer.kind !== "unknown") best = answer;
      tell("asking", "busy");
    }
    return best;
  }, wait, now);
  if (answer.kind === "ok" || answer.kind === "closed") {
    await store.drop("order:" + used.order);
    await store.drop("claim:" + used.claim.code);
    return settle(answer, { claim: used.claim.code, order: used.order }, true);
  }
  ui.showForm();
  tell(answer.kind === "devices" ? "devices" : "late");
}

// Devices

/** The copy's code, its devices, and the way out. @param {Ring} ring */
function devices({ proof, token }) {
  const status = make("p", { class: "status", role: "status" });
  const list = make("ul", { class: "device-list" });
  const buttons = make("p", {}, button(say.forget, forgetDevice));
  const box = make("details", { class: "devices" }, make("summary", {}, say.device));
  if (proof?.claim) box.append(codeBox(say, proof));
  box.append(list, buttons, status);
  /** @param {string} what */
  const act = async (what) => {
    const answer = await call(/** @type {string} */ (page.endpoint), "devices", { token, do: what });
    const word = refusal(answer) || what === "lock" && "lockedOthers";
    status.replaceChildren(word ? say[word] : "");
    if (answer.kind !== "ok") return;
    if (answer.body.token) {
      for (const ring of await store.all("ring:")) if (ring.token === token) await keep({ ...ring, token: answer.body.token });
      token = answer.body.token;
    }
    list.replaceChildren(...answer.body.devices.map((/** @type {any} */ one) => make("li", {},
      new Date(one.first * 1e3).toLocaleDateString(page.lang) + (one.this ? say.here : ""))));
  };
  if (token) {
    buttons.prepend(button(say.lock, () => act("lock")), " ");
    box.addEventListener("toggle", () => act("list"), { once: true });
  }
  return box;
}

// For the preview bar

export { ringHere };

/** Opens with a claim code and an order reference. @param {string} claim @param {string} order */
export const unlockWith = (claim, order) => prove({ claim, order });

/** Removes everything that this site keeps on this device. */
export async function forgetDevice() {
  await store.clear();
  shut("forgotten", "good");
}

/** Asks the endpoint now instead of once a day. */
export async function forceRefresh() {
  const ring = await ringHere();
  const word = ring && await renew(ring);
  if (word && (await ringHere())?.closed) shut(word);
}

// Start

async function start() {
  if (await returned()) return;
  if (page.checkout) ui.buy?.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !page.endpoint) return;
    event.preventDefault();
    buy();
  });
  ui.form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    enter(ui.code.value.trim(), ui.order?.value.trim());
  });
  marks();
  await open();
  await waiting();
}

start();
