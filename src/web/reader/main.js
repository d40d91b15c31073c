// Opens what was paid for. Runs on every page that has `#bookplate`.

import { Keyring, claimHash, newCode, openStatic, parseCode, staticPath } from "../protocol.js";
import { button, close, find, keepBox, make, openBody, page, showForm, showOpened } from "./page.js";
import { ask, checkoutUrl, closes, due, meaning, nothing, openStore, returned, takeOrder } from "./kept.js";

/**
 * @typedef {import("./kept.js").Ring} Ring @typedef {import("./kept.js").Proof} Proof @typedef {import("./kept.js").Word} Word
 * @typedef {{ word: Word | "token" | "", body?: any }} Answer no word: it is what was asked for
 */

const { site, course, epoch, endpoint } = page;
const kept = await openStore(site);
const say = (await import(page.lang.startsWith("zh") ? "./zh.js" : "./en.js")).default;

/** @param {string} word @param {Node[]} more */
function tell(word, ...more) {
  const status = find("#lock .status");
  status.dataset.word = word;
  status.replaceChildren(say[word], ...more);
}

/** @returns {Promise<Ring | undefined>} what this device has of the page's course */
export const ringHere = async () => (await kept()).rings[course];

// The endpoint

/** @param {string} path @param {object} body @returns {Promise<Answer>} never throws: no answer, or one that is not JSON, is a shop that is down */
async function call(path, body) {
  try {
    const answer = await fetch(endpoint + path, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(2e4),
    });
    const json = await answer.json();
    return { word: meaning(answer.status, json), body: json };
  } catch {
    return { word: "down" };
  }
}

/** A keyring that lies beside the site, sealed under a code, as the endpoint would give it. @param {Proof} [proof] @returns {Promise<Answer>} */
async function callStatic({ claim = "", licence = claim } = {}) {
  try {
    // Hosts and browsers keep "not found" for minutes, and the file may be there by now.
    const answer = await fetch(page.static + await staticPath(licence, site, course, epoch) + "?" + Date.now());
    if (!answer.ok) return { word: answer.status === 404 ? "unknown" : "down" };
    const keyring = await openStatic(licence, site, course, epoch, new Uint8Array(await answer.arrayBuffer()));
    return { word: "", body: { course, courses: [{ course }], keyring } };
  } catch (error) {
    // Another code does not open the file; a network that fails has no kind.
    return { word: /** @type {any} */ (error).kind ? "unknown" : "down" };
  }
}

/** @param {Proof} proof @param {string} [of] course @returns {Promise<Answer>} */
async function unlock(proof, of = course) {
  const slow = setTimeout(tell, 5e3, "slow");
  const answer = endpoint
    ? await call("unlock", { ...proof, course: of, device: (await kept()).device })
    : await callStatic(proof);
  clearTimeout(slow);
  if (!answer.word) await accept(answer.body, proof);
  return answer;
}

/** Keeps what an answer gives: one keyring, and the right to ask for those of the other courses. @param {any} body @param {Proof} [proof] */
const accept = (body, proof) => kept(({ rings }) => {
  for (const one of body.courses) {
    const ring = rings[one.course] = { checked: 0, .../** @type {Partial<Ring>} */ (rings[one.course]), closed: "" };
    ring.token = body.token ?? ring.token;
    ring.proof = proof ?? ring.proof;
    if (one.course !== body.course) continue;
    ring.checked = Date.now();
    // While keys rotate there are two; with the wrong one a page asks again.
    const text = body.epoch > epoch && body.former || body.keyring;
    ring.bytes = endpoint ? Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) : text;
  }
});

/** Asks for the current keyring of this course. Only a clear no takes the old one away. @param {Ring} ring why there is no new one */
async function renew({ token, proof }) {
  let { word, body } = endpoint ? await call("refresh", { token, course }) : await callStatic(proof);
  if (word === "token" && proof) ({ word, body } = await unlock(proof));
  if (word) await kept(({ rings }) => {
    if (closes(word)) rings[course] = { checked: Date.now(), closed: word };
    else rings[course].failed = Date.now();
  });
  else await accept(body);
  return word;
}

// Opening

/** Shows the lesson if this device may. @param {boolean} [fresh] by the reader just now */
async function open(fresh) {
  const ring = await ringHere();
  if (!ring) return;
  const word = ring.closed || await show(fresh) && (await renew(ring) || await show(fresh));
  if (word) shut(word);
  else if (due(ring, Date.now())) forceRefresh();
}

/** @param {boolean} [fresh] @returns {Promise<Word | void>} why not */
async function show(fresh) {
  const { bytes, proof, token } = /** @type {Ring} */ (await ringHere());
  if (!bytes) return "down";
  if (!page.lesson) return tell("open", ...fresh && proof?.claim ? [keepBox(say, proof)] : []);
  try {
    const keyring = await Keyring.parse(bytes);
    const body = await openBody(keyring);
    // The endpoint begins the line by "order " or "copy ", whatever the page's language.
    const line = keyring.display.replace(/^\w+ /, (its) => say[its] ?? its);
    const plate = make("details", { className: "plate", open: fresh && proof?.claim },
      make("summary", { className: "plate-line" }, page.plate.replaceAll("{copy}", () => line)));
    if (proof?.claim) plate.append(keepBox(say, proof));
    plate.append(devices(plate, token));
    showOpened(plate, body);
    body.dispatchEvent(new CustomEvent("bookplate:open", { bubbles: true }));
    const first = /** @type {any} */ (body.firstElementChild);
    if (fresh && first) {
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
    } else if (location.hash) location.replace(location.hash);
  } catch {
    return "file";
  }
}

/** Back to the locked page. @param {any} why */
function shut(why) {
  close();
  if (page.lesson) showOpened();
  tell(why);
  marks();
}

/** Outlines and cards show which courses this device can open. */
async function marks() {
  const { rings } = await kept();
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-course]"))) {
    element.toggleAttribute("data-open", rings[element.dataset.course ?? ""]?.closed === "");
  }
}

/** The devices of this copy, and the way out. @param {HTMLElement} plate @param {string} [token] */
function devices(plate, token) {
  const list = make("p", { className: "device-list", role: "status" });
  const act = async (what = "list") => {
    const { word, body } = await call("devices", { token, do: what });
    list.textContent = word ? say[word] : say[what] + body.devices.map((/** @type {any} */ one) =>
      new Date(one.first * 1e3).toLocaleDateString(page.lang) + (one.this ? say.here : "")).join(", ");
    if (body?.token) await kept(({ rings }) => {
      for (const ring of Object.values(rings)) if (ring.token === token) ring.token = body.token;
      token = body.token;
    });
  };
  const box = make("div", { className: "devices" }, button(say.forget, forgetDevice));
  if (token) {
    plate.addEventListener("toggle", () => act(), { once: true });
    box.prepend(list, button(say.others, () => act("lock")));
  }
  return box;
}

// Unlocking

/** After the answer to a code or a claim. @param {Answer} answer */
async function settle({ word, body }) {
  if (word) return tell(word);
  marks();
  const ids = body.courses.map((/** @type {any} */ one) => one.course);
  if (ids.includes(course)) return open(true);
  tell(course ? "other" : "open", ...page.courses.filter(({ id }) => ids.includes(id)).map(({ url, title }) => make("a", { href: url }, title)));
}

/** Opens with what opens on any device. @param {Proof} proof */
export const prove = async (proof) => settle(await unlock(proof));

/** What was typed into the form. @param {Event} event */
async function enter(event) {
  event.preventDefault();
  const typed = find("#code-input").value.trim();
  const order = find("#order-input")?.value.trim();
  /** @type {Proof} */
  let proof = { licence: typed };
  try {
    proof = { claim: parseCode(typed), order };
  } catch (error) {
    // Not one of our codes: a licence key has any form. But one wrong character in 26 is ours, mistyped.
    if (/** @type {any} */ (error).kind === "check") return tell("typo");
  }
  if (proof.claim && endpoint && !order) return tell("order");
  tell("busy");
  prove(proof);
}

/** A fresh claim is on disk before the browser leaves for the checkout. @param {Event} event */
async function buy(event) {
  event.preventDefault();
  const claim = newCode();
  await kept(({ claims }) => claims.push({ claim, course, page: location.href.split("#")[0], y: scrollY }));
  location.assign(checkoutUrl(page.checkout ?? "", await claimHash(claim, site), location.search));
}

/** Takes the order reference out of the address bar, and goes back to where Buy was pressed. @returns {Promise<unknown>} whether the browser leaves */
async function comeBack() {
  const { order, rest } = takeOrder(location.href);
  history.replaceState(null, "", rest);
  if (!order || !endpoint) return;
  // Which claim belongs to the order is not said: who pressed Buy twice left one behind.
  const { claims } = await kept(({ claims }) => claims.slice(-3).map((claim) => Object.assign(claim, { order, at: Date.now() })));
  const claim = claims.at(-1);
  if (!claim) {
    find("#order-input").value = order;
    showForm(true);
  } else if (claim.page === rest) scrollTo({ top: claim.y, behavior: "instant" });
  else return location.replace(claim.page + "#order=" + order) ?? true;
}

/** Asks for what was paid and is not open yet. */
async function waiting() {
  const tries = returned(await kept(), Date.now());
  if (!tries.length || !endpoint) return;
  const answer = await ask(async () => {
    /** @type {Answer} */
    let answer = { word: "late" };
    for (const { claim, order, course } of tries) {
      tell("asking");
      answer = await unlock({ claim, order }, course);
      if (answer.word && !closes(answer.word)) continue;
      await kept((all) => {
        all.claims = all.claims.filter((one) => one.claim !== claim);
        for (const one of all.claims) if (one.order === order) one.at = 0;
      });
      break;
    }
    return answer;
  }, (ms) => new Promise((done) => setTimeout(done, ms)), Date.now);
  if (!answer.word || closes(answer.word)) return settle(answer);
  showForm(true);
  tell(answer.word === "devices" ? "devices" : "late");
}

// The way out

/** Removes everything that this site keeps on this device. */
export async function forgetDevice() {
  await kept((all) => Object.assign(all, nothing()));
  shut("forgotten");
}

/** Asks the endpoint now instead of once a day. */
export async function forceRefresh() {
  const ring = await ringHere();
  const word = ring && await renew(ring);
  if (closes(word)) shut(word);
}

// Start

async function start() {
  if (await comeBack()) return;
  const have = find(".have-code"), form = find(".code-form"), buying = find("#lock .buy");
  have.hidden = false;
  have.onclick = () => {
    showForm(form.hidden);
    find("#code-input").focus();
  };
  form.onsubmit = enter;
  if (endpoint && buying) buying.onclick = buy;
  marks();
  await open();
  await waiting();
}

start();
