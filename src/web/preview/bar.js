// The bar of `bookplate serve`: who am I, a refund, and live reload. Injected while serving; a built site never has it.
// It plays a buyer with real orders: the server sends itself a signed webhook, and the reader opens with what comes back.

import { marks } from "./marks.js";

/** @typedef {typeof import("../reader/main.js")} Reader */
/** @typedef {"visitor" | "a" | "b" | "refunded"} Role */

const zh = /^zh\b/i.test(document.documentElement.lang);
const say = zh
  ? { preview: "预览", visitor: "访客", a: "买家 A", b: "买家 B", refunded: "已退款", refund: "退款", failed: "预览服务器没有响应", elsewhere: "请打开一节付费课文",
      marks: "显示标记", back: "上一处标记", next: "下一处标记", none: "这里没有打开的、带标记的句子", counted: (/** @type {number} */ n) => `${n} 个带标记的句子`, yours: "你写的", others: "另一种写法", line: "行" }
  : { preview: "preview", visitor: "Visitor", a: "Buyer A", b: "Buyer B", refunded: "Refunded", refund: "Refund", failed: "the preview server does not answer", elsewhere: "open a lesson to see it",
      marks: "Show marks", back: "Previous mark", next: "Next mark", none: "no marked sentence is open here", counted: (/** @type {number} */ n) => `${n} marked`, yours: "you wrote", others: "other wording", line: "line" };

const ROLE = "bookplate-preview-role";
const SCROLL = "bookplate-preview-scroll";
const MARKS = "bookplate-preview-marks";

/** The page's own copy of the reader, where it has one. @returns {Promise<Reader | null>} */
async function readerOf() {
  const script = [...document.scripts].find(({ src }) => /\/reader\/main\.js$/.test(src));
  return script && document.getElementById("bookplate") ? import(script.src) : null;
}

/** @returns {string | null} the course of this page */
const course = () => JSON.parse(document.getElementById("bookplate")?.dataset.bookplate ?? "{}").course ?? null;

/** @param {string} path @param {object} body */
async function post(path, body) {
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} ${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** Becomes somebody, from nothing. @param {Reader} reader @param {Role} role */
async function become(reader, role) {
  if (role === "refunded") {
    if (!(await reader.ringHere())?.proof?.order) await become(reader, "a");
    await refund(reader);
    return;
  }
  await reader.forgetDevice();
  if (role === "visitor") return;
  const { claim, order } = await post("/-/shop/pretend", { as: role, course: course() });
  await reader.prove({ claim, order });
}

/** Gives the money back of the order that this page is open with. @param {Reader} reader */
async function refund(reader) {
  const order = (await reader.ringHere())?.proof?.order;
  if (!order) return;
  await post("/-/shop/refund", { order });
  await reader.forceRefresh();
}

/** @returns {Role} */
const remembered = () => /** @type {Role} */ (localStorage.getItem(ROLE) ?? "visitor");

/** Who this page is open for; who bought in the test shop is a buyer without a letter. @param {{closed?: unknown} | null | undefined} ring @returns {Role | null} */
function roleOf(ring) {
  if (!ring) return "visitor";
  if (ring.closed) return "refunded";
  const letter = remembered();
  return letter === "visitor" ? null : letter;
}

/** @param {Reader | null} reader */
function show(reader) {
  const bar = document.createElement("aside");
  bar.id = "bookplate-preview";
  bar.setAttribute("aria-label", say.preview);
  const label = document.createElement("strong");
  label.textContent = say.preview;
  const problem = document.createElement("span");
  problem.setAttribute("role", "status");
  const refunding = document.createElement("button");
  refunding.textContent = say.refund;
  refunding.className = "refund";
  /** @type {Map<Role, HTMLButtonElement>} */
  const buttons = new Map();

  const author = showMarks();

  const mark = async () => {
    const ring = await reader?.ringHere();
    const role = roleOf(ring);
    for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === role));
    refunding.hidden = !ring?.proof?.order;
    await author.refresh();
  };
  /** @param {() => Promise<void>} act */
  const run = async (act) => {
    problem.textContent = "";
    try {
      await act();
    } catch (error) {
      problem.textContent = say.failed;
      console.warn("bookplate preview:", error);
    }
    await mark();
  };
  for (const role of /** @type {Role[]} */ (["visitor", "a", "b", "refunded"])) {
    const button = document.createElement("button");
    button.textContent = say[role];
    button.dataset.role = role;
    button.addEventListener("click", () => run(async () => {
      localStorage.setItem(ROLE, role);
      if (reader && course()) await become(reader, role);
      else problem.textContent = say.elsewhere;
    }));
    buttons.set(role, button);
  }
  refunding.addEventListener("click", () => run(async () => {
    if (!reader) return;
    localStorage.setItem(ROLE, "refunded");
    await refund(reader);
  }));
  bar.append(label, ...buttons.values(), refunding, ...author.parts, problem);
  document.body.append(bar);
  mark();
  document.addEventListener("bookplate:open", mark);

  // A buyer who walks into another course has bought that one too.
  const role = remembered();
  if (reader && course() && (role === "a" || role === "b")) run(async () => {
    if (await reader.ringHere()) return;
    const { claim, order } = await post("/-/shop/pretend", { as: role, course: course() });
    await reader.prove({ claim, order });
  });
}

/** For the author alone: the marked sentences of what is open. */
function showMarks() {
  const drawn = marks(say);
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  /** @param {string} text @param {() => void} act */
  const button = (text, act) => {
    const made = document.createElement("button");
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const on = () => localStorage.getItem(MARKS) === "on";
  const toggle = button(say.marks, () => {
    localStorage.setItem(MARKS, on() ? "off" : "on");
    refresh();
  });
  const steps = [button("‹", () => drawn.go(-1)), button("›", () => drawn.go(1))];
  steps.forEach((step, i) => step.setAttribute("aria-label", [say.back, say.next][i]));
  const refresh = async () => {
    toggle.setAttribute("aria-pressed", String(on()));
    let shown = 0;
    try {
      shown = await drawn.show(on());
      status.textContent = !on() ? "" : shown ? say.counted(shown) : say.none;
    } catch (error) {
      status.textContent = say.failed;
      console.warn("bookplate preview:", error);
    }
    for (const step of steps) step.hidden = !shown;
  };
  return { parts: [toggle, ...steps, status], refresh };
}

/** What is wrong with the source, as the terminal shows it. @param {string} text */
function showProblems(text) {
  document.querySelector("#bookplate-preview pre")?.remove();
  const drawn = document.createElement("pre");
  drawn.setAttribute("role", "alert");
  drawn.textContent = text;
  document.querySelector("#bookplate-preview")?.append(drawn);
}

/** Reloads when the site was built anew; the text stays where it was, also where it opens only later. */
function follow() {
  const kept = sessionStorage.getItem(SCROLL);
  sessionStorage.removeItem(SCROLL);
  // A second reload may come before the text is there, while the page is too short to stand where the reader was.
  let wanted = kept;
  for (const input of ["wheel", "keydown", "pointerdown"]) addEventListener(input, () => wanted = null, { once: true, passive: true });
  if (kept) {
    const back = () => scrollTo({ top: Number(kept), behavior: "instant" });
    back();
    document.addEventListener("bookplate:open", () => {
      back();
      wanted = null;
    }, { once: true });
  }
  const events = new EventSource("/-/events");
  events.addEventListener("reload", () => {
    sessionStorage.setItem(SCROLL, wanted ?? String(scrollY));
    location.reload();
  });
  events.addEventListener("problems", ({ data }) => showProblems(data));
  addEventListener("pagehide", () => events.close());
}

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("bar.css", import.meta.url).href;
document.head.append(style);
follow();
show(await readerOf());
