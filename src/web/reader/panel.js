// The lock and the opened lesson as things on the page. Everything that comes from elsewhere goes in as text, never as HTML.

/** @typedef {ReturnType<typeof import("./text.js").words>} Words @typedef {"busy" | "bad" | "good"} Tone */

/**
 * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} inside
 */
export function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

/** @param {string} label @param {(button: HTMLElement) => void} act @param {string} [kind] class */
export function button(label, act, kind = "") {
  const made = make("button", { type: "button", class: kind }, label);
  made.addEventListener("click", () => act(made));
  return made;
}

/** @param {Element} root `#bookplate` */
export function panel(root) {
  /** @param {string} selector @returns {any} */
  const find = (selector) => root.querySelector(selector);
  const lock = find("#lock");
  const form = find(".code-form");
  const status = find(".lock .status");
  const opened = find("#opened");
  const article = root.closest("article");
  const toggle = find(".have-code");

  const parts = {
    lock, form, opened,
    buy: find(".buy"),
    code: find("#code-input"),
    order: find("#order-input"),
    /** @param {string} text @param {Tone} [tone] @param {Node[]} more */
    say(text, tone = "bad", ...more) {
      status.replaceChildren(text, ...more.flatMap((node) => [" ", node]));
      status.setAttribute("data-tone", tone);
    },
    /** @param {boolean} [focus] */
    showForm(focus) {
      form.hidden = false;
      toggle?.setAttribute("aria-expanded", "true");
      if (focus) parts.code.focus();
    },
    /** Shows the text in the place of the lock; nothing above moves. */
    showOpened() {
      const y = scrollY;
      opened.hidden = false;
      lock.hidden = true;
      article?.setAttribute("data-open", "");
      scrollTo({ top: y, behavior: "instant" });
    },
    showLock() {
      opened?.replaceChildren();
      if (opened) opened.hidden = true;
      lock.hidden = false;
      lock.removeAttribute("data-open");
      article?.removeAttribute("data-open");
    },
  };
  if (toggle) {
    toggle.hidden = false;
    toggle.setAttribute("aria-expanded", "false");
    toggle.addEventListener("click", () => {
      if (form.hidden) return parts.showForm(true);
      form.hidden = true;
      toggle.setAttribute("aria-expanded", "false");
    });
  }
  return parts;
}

/**
 * The bookplate, and once the claim to keep.
 * @param {Words} words @param {string} line @param {import("./store.js").Proof} [keep]
 */
export function plate(words, line, keep) {
  const made = make("aside", { class: "plate" }, make("p", { class: "plate-line" }, words.copy + line));
  if (keep) made.append(code(words, keep));
  return made;
}

/** @param {Words} words @param {import("./store.js").Proof} keep */
export function code(words, { claim = "", order = "" }) {
  const both = `${words.claim}: ${claim}\n${words.reference}: ${order}`;
  return make("div", { class: "plate-code" },
    make("p", {}, words.keep),
    make("dl", {},
      make("dt", {}, words.claim), make("dd", {}, make("code", {}, claim)),
      make("dt", {}, words.reference), make("dd", {}, make("code", {}, order))),
    make("p", {},
      button(words.toClipboard, async (pressed) => {
        await navigator.clipboard.writeText(both);
        pressed.textContent = words.copied;
      }, "copy-code"), " ",
      button(words.print, () => {
        const html = document.documentElement;
        html.setAttribute("data-print", "code");
        print();
        html.removeAttribute("data-print");
      }, "print-code")));
}
