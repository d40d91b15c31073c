// Opens what was paid for. Runs on every page that has `#bookplate`; the page's own facts stand there as JSON.

import { Keyring, ProtocolError, claimHash, newCode, openStatic, parseCode, staticPath } from "../protocol.js";
import { button, find, keepBox, make, openBody, showForm, showOpened } from "./page.js";
import { ask, checkoutUrl, closes, due, meaning, pairs, soon, takeOrder } from "./pending.js";
import { nothing, openStore } from "./store.js";
import { words } from "./text.js";

/**
 * @typedef {{ site: string, base: string, course: string, lesson: string | null, file: string, sha256: string, epoch: number,
 *   endpoint: string | null, static: string, checkout: string | null, lang: string, courses: { id: string, title: string, url: string }[] }} Page
 * @typedef {import("./store.js").Ring} Ring @typedef {import("./store.js").Proof} Proof @typedef {import("./text.js").Word} Word
 * @typedef {{ word: Word | "", body?: any, retry?: number }} Answer no word: it is what was asked for; retry in seconds
 * @typedef {{ fresh?: boolean, first?: boolean }} How fresh: opened by the reader just now; first: with the claim of this browser
 */

/** @type {Page} */
const page = JSON.parse(find("#bookplate").dataset.bookplate);
const say = words(page.lang);
const kept = await openStore(page.site);
const now = () => Date.now();
/** Frees what the opened lesson holds. */
let close = () => {};

/** @param {Word} word @param {"busy" | "bad" | "good"} [tone] @param {Node[]} more */
function tell(word, tone = "bad", ...more) {
  const status = find("#lock .status");
  status.replaceChildren(say[word], ...more.flatMap((node) => [" ", node]));
  status.dataset.tone = tone;
}

/** @returns {Promise<Ring | undefined>} what this device has of the page's course */
export const ringHere = async () => (await kept()).rings[page.course];

// The endpoint

/** @param {string} path @param {object} body @returns {Promise<Answer>} never throws: no answer is a shop that is down */
async function call(path, body) {
  try {
    const answer = await fetch(page.endpoint + path, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(2e4),
    });
    const json = await answer.json().catch(() => null);
    return { word: meaning(answer.status, json), body: json, retry: json?.retryAfter };
  } catch {
    return { word: "down" };
  }
}

/** Keeps what the answer gives: one keyring, and the right to ask for those of the other courses. @param {Proof} proof @param {string} course @returns {Promise<Answer>} */
async function unlock(proof, course) {
  const slow = setTimeout(tell, 5e3, "slow", "busy");
  const answer = page.endpoint
    ? await call("unlock", { ...proof, course, device: (await kept()).device })
    : await callStatic(proof.licence ?? proof.claim ?? "");
  clearTimeout(slow);
  if (!answer.word) await accept(answer.body, proof);
  return answer;
}

/** A keyring that lies beside the site, sealed under a code, as the endpoint would give it. @param {string} code @returns {Promise<Answer>} */
async function callStatic(code) {
  const { site, course, epoch } = page;
  try {
    const answer = await fetch(page.static + await staticPath(code, site, course, epoch));
    if (!answer.ok) return { word: answer.status === 404 ? "unknown" : "down" };
    const keyring = await openStatic(code, site, course, epoch, new Uint8Array(await answer.arrayBuffer()));
    return { word: "", body: { course, courses: [{ course }], keyring } };
  } catch (error) {
    return { word: error instanceof ProtocolError ? "unknown" : "down" };
  }
}

/** @param {any} body @param {Proof} [proof] */
const accept = (body, proof) => kept(({ rings }) => {
  for (const { course } of body.courses) {
    const { token, ...old } = rings[course] ?? { checked: 0 };
    const ring = rings[course] = { ...old, token: body.token ?? token, proof: proof ?? old.proof, closed: "" };
    if (course !== body.course) continue;
    ring.bytes = body.keyring.big ? Uint8Array.from(atob(body.keyring), (c) => c.charCodeAt(0)) : body.keyring;
    ring.checked = now();
  }
});

/** Asks for the current keyring of this course. Only a clear no takes the old one away. @param {Ring} ring @returns {Promise<Word | "">} why there is no new one */
async function renew({ token, proof }) {
  const { course, endpoint } = page;
  let answer = endpoint ? await call("refresh", { token, course }) : proof && await callStatic(proof.licence ?? "");
  if (answer?.word === "token" && proof) answer = await unlock(proof, course);
  const { word, body } = answer ?? { word: "down" };
  if (!word) await accept(body);
  else await kept(({ rings }) => {
    if (closes(word)) rings[course] = { checked: now(), closed: word };
    else rings[course].checked = soon(now());
  });
  return word;
}

// Opening

/** Shows the lesson if this device may. @param {How} [how] */
async function open(how) {
  const ring = await ringHere();
  if (!ring) return;
  const word = ring.closed || await show(how) && (await renew(ring) || await show(how));
  if (word) shut(/** @type {Word} */ (word));
  else if (due(ring, now()) && navigator.onLine) await forceRefresh();
}

/** @param {How} [how] @returns {Promise<Word | "">} why not */
async function show({ fresh, first } = {}) {
  const { bytes, proof, token } = /** @type {Ring} */ (await ringHere());
  if (!bytes) return "down";
  if (!page.lesson) {
    tell("open", "good", ...first && proof ? [keepBox(say, proof)] : []);
    return "";
  }
  try {
    const keyring = await Keyring.parse(bytes);
    const opened = await openBody(keyring, page);
    close();
    close = opened.close;
    const plate = /** @type {HTMLDetailsElement} */ (make("details", "plate", make("summary", "plate-line", say.copy + keyring.display)));
    plate.append(...proof?.claim ? [keepBox(say, proof)] : [], devices(plate, token));
    plate.open = !!first;
    showOpened(plate, opened.body);
    opened.body.dispatchEvent(new CustomEvent("bookplate:open", { bubbles: true }));
    const top = /** @type {HTMLElement | null} */ (opened.body.firstElementChild);
    if (fresh && top) {
      top.tabIndex = -1;
      top.focus({ preventScroll: true });
    } else if (location.hash) location.replace(location.hash);
    return "";
  } catch {
    return "file";
  }
}

/** Back to the locked page. @param {Word} why @param {"good"} [tone] */
function shut(why, tone) {
  close();
  showOpened();
  tell(why, tone);
  marks();
}

/** Outlines and cards show which courses this device can open. */
async function marks() {
  const { rings } = await kept();
  for (const element of document.querySelectorAll("[data-course]")) {
    const ring = rings[/** @type {HTMLElement} */ (element).dataset.course ?? ""];
    element.toggleAttribute("data-open", !!ring && !ring.closed);
  }
}

// Unlocking

/** After the answer to a code or a claim. @param {Answer} answer @param {boolean} [first] */
async function settle({ word, body }, first) {
  if (word) return tell(word);
  marks();
  const ids = body.courses.map((/** @type {any} */ one) => one.course);
  if (ids.includes(page.course)) return open({ fresh: true, first });
  tell(page.course ? "other" : "open", "good", ...page.courses.filter(({ id }) => ids.includes(id)).map(({ url, title }) => {
    const link = /** @type {HTMLAnchorElement} */ (make("a", "", title));
    link.href = url;
    return link;
  }));
}

/** What was typed into the form. */
async function enter() {
  const typed = find("#code-input").value.trim();
  const order = find("#order-input")?.value.trim();
  /** @type {Proof} */
  let proof = { licence: typed };
  try {
    proof = { claim: parseCode(typed), order };
  } catch (error) {
    // Not one of our codes: a licence key has any form. But one wrong character in 26 is ours, mistyped.
    if (/** @type {ProtocolError} */ (error).kind === "check") return tell("typo");
  }
  if (!proof.claim || order || !page.endpoint) {
    tell("opening", "busy");
    return settle(await unlock(proof, page.course));
  }
  tell("order");
  find("#order-input").focus();
}

/** A fresh claim is on disk before the browser leaves for the checkout. */
async function buy() {
  const claim = newCode();
  await kept(({ claims }) => claims.push({ claim, course: page.course, page: location.pathname + location.search, at: now(), y: scrollY }));
  location.assign(checkoutUrl(page.checkout ?? "", await claimHash(claim, page.site), location.search));
}

/** Takes the order reference out of the address bar, and goes back to where Buy was pressed. @returns {Promise<unknown>} whether the browser leaves */
async function returned() {
  const { order, rest } = takeOrder(location.href);
  if (rest !== location.href) history.replaceState(null, "", rest);
  const here = location.pathname + location.search;
  let leaves = "";
  await kept(({ claims, orders }) => {
    const claim = claims.at(-1);
    if (order) orders.push({ order, at: now() });
    if (claim && order && claim.page !== here) {
      claim.back = true;
      leaves = claim.page;
    } else if (claim?.page === here && (claim.back || order)) {
      claim.back = false;
      scrollTo({ top: claim.y, behavior: "instant" });
    } else if (order) {
      find("#order-input").value = order;
      showForm(true);
    }
  });
  if (leaves) location.replace(leaves);
  return leaves;
}

/** Asks for what was paid and is not open yet. */
async function waiting() {
  const tries = pairs(await kept(), now());
  if (!tries.length || !page.endpoint) return;
  let used = tries[0];
  const answer = await ask(async () => {
    /** @type {Answer} */
    let best = { word: "late" };
    for (used of tries) {
      tell("asking", "busy");
      const { course, ...proof } = used;
      const answer = await unlock(proof, course);
      if (!answer.word || closes(answer.word)) return answer;
      best = answer;
    }
    return best;
  }, (ms) => new Promise((done) => setTimeout(done, ms)), now);
  if (!answer.word || closes(answer.word)) {
    await kept((all) => {
      all.orders = all.orders.filter(({ order }) => order !== used.order);
      all.claims = all.claims.filter(({ claim }) => claim !== used.claim);
    });
    return settle(answer, true);
  }
  showForm(true);
  tell(answer.word === "devices" ? "devices" : "late");
}

/** The devices of this copy, and the way out. @param {HTMLElement} plate @param {string} [token] */
function devices(plate, token) {
  const box = make("div", "devices");
  const list = make("ul", "device-list");
  const status = make("p", "status");
  status.role = "status";
  /** @param {"list" | "lock"} what */
  const act = async (what) => {
    const { word, body } = await call("devices", { token, do: what });
    status.textContent = word ? say[word] : what === "lock" ? say.lockedOthers : "";
    if (word) return;
    await kept(({ rings }) => {
      for (const ring of Object.values(rings)) if (ring.token === token) ring.token = body.token ?? token;
    });
    token = body.token ?? token;
    list.replaceChildren(...body.devices.map((/** @type {any} */ one) => make("li", "",
      new Date(one.first * 1e3).toLocaleDateString(page.lang) + (one.this ? say.here : ""))));
  };
  if (token) {
    plate.addEventListener("toggle", () => act("list"), { once: true });
    box.append(list, button(say.lock, () => act("lock")), " ");
  }
  box.append(button(say.forget, forgetDevice), status);
  return box;
}

// For the preview bar

/** Opens with a claim code and an order reference. @param {string} claim @param {string} order */
export const unlockWith = async (claim, order) => settle(await unlock({ claim, order }, page.course));

/** Removes everything that this site keeps on this device. */
export async function forgetDevice() {
  await kept((all) => Object.assign(all, nothing()));
  shut("forgotten", "good");
}

/** Asks the endpoint now instead of once a day. */
export async function forceRefresh() {
  const ring = await ringHere();
  const word = ring && await renew(ring);
  if (word && closes(word)) shut(word);
}

// Start

async function start() {
  if (await returned()) return;
  const have = find(".have-code");
  have.hidden = false;
  have.onclick = () => {
    showForm(find(".code-form").hidden);
    find("#code-input").focus();
  };
  find(".code-form").onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    enter();
  };
  if (page.endpoint && page.checkout) find("#lock .buy").onclick = (/** @type {MouseEvent} */ event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    buy();
  };
  marks();
  await open();
  await waiting();
}

start();
