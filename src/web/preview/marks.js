// *Show marks* of the preview bar: underlines the marked sentences of an opened lesson and shows the wording that this copy does not have.
// The text itself is left alone: what is drawn hangs on ranges (CSS Custom Highlight API), and the wordings come from the preview server.

/** @typedef {[words: string, carrier: boolean][]} Wording */
/** @typedef {{ id: string, line: number, rules: string[], html: [author: string, other: string], author: Wording, other: Wording }} Marked */
/** @typedef {{ range: Range, marked: Marked, reads: "author" | "other" }} Found */

const ALL = "bookplate-marks";
const ONE = "bookplate-mark";

/**
 * The text below a node with its white space collapsed, and the place of each of its characters.
 * @param {Node} root
 */
export function flat(root) {
  let text = "";
  /** @type {[Text, number][]} */
  const places = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = /** @type {Text | null} */ (walker.nextNode()); node; node = /** @type {Text | null} */ (walker.nextNode())) {
    for (let i = 0; i < node.data.length; i++) {
      const space = /\s/.test(node.data[i]);
      if (space && (text === "" || text.endsWith(" "))) continue;
      text += space ? " " : node.data[i];
      places.push([node, i]);
    }
  }
  return { text, places };
}

/**
 * Where each marked sentence stands, in whichever wording. Both texts are in one order, so that the first place behind the last sentence
 * is never behind the right one.
 * @param {Node} body @param {Marked[]} marked
 * @returns {Found[]}
 */
export function find(body, marked) {
  const { text, places } = flat(body);
  const words = (/** @type {string} */ html) => flat(new DOMParser().parseFromString(html, "text/html").body).text.trim();
  const found = [];
  let from = 0;
  for (const one of marked) {
    const wordings = one.html.map(words);
    const [author, other] = wordings.map((wording) => (wording ? text.indexOf(wording, from) : -1));
    const reads = other < 0 || (author >= 0 && author <= other) ? "author" : "other";
    const at = reads === "author" ? author : other;
    if (at < 0) continue;
    const end = at + wordings[reads === "author" ? 0 : 1].length;
    const range = new Range();
    range.setStart(...places[at]);
    range.setEnd(places[end - 1][0], places[end - 1][1] + 1);
    found.push({ range, marked: one, reads: /** @type {Found["reads"]} */ (reads) });
    from = end;
  }
  return found;
}

/** @param {string} name @param {Range[]} ranges */
function highlight(name, ranges) {
  if (!("highlights" in CSS)) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

/**
 * Shows the marks of this page, or hides them.
 * @param {{ yours: string, others: string, line: string }} say
 */
export function marks(say) {
  /** @type {Found[]} */
  let all = [];
  let at = -1;
  const card = document.createElement("aside");
  card.id = "bookplate-mark";
  card.setAttribute("role", "status");
  card.hidden = true;
  document.body.append(card);

  /** Puts the card below a sentence, or above it where there is no room. @param {Range} range */
  const place = (range) => {
    const lines = [...range.getClientRects()];
    const first = lines[0] ?? range.getBoundingClientRect();
    const last = lines[lines.length - 1] ?? first;
    card.style.left = `${Math.max(8, Math.min(last.left, innerWidth - card.offsetWidth - 8))}px`;
    const below = last.bottom + 6;
    card.style.top = `${below + card.offsetHeight < innerHeight - 48 ? below : Math.max(8, first.top - card.offsetHeight - 6)}px`;
  };

  /** @param {number} nth -1: none */
  const point = (nth) => {
    at = nth;
    const one = all[nth];
    highlight(ONE, one ? [one.range] : []);
    card.hidden = !one;
    if (!one) return;
    const label = document.createElement("small");
    const { marked, reads } = one;
    label.textContent = `${reads === "author" ? say.others : say.yours} · ${say.line} ${marked.line} · ${marked.id} · ${marked.rules.join(", ")}`;
    const words = document.createElement("p");
    words.lang = document.documentElement.lang;
    for (const [text, carrier] of reads === "author" ? marked.other : marked.author) {
      const piece = document.createElement(carrier ? "mark" : "span");
      piece.textContent = text;
      words.append(piece);
    }
    card.replaceChildren(label, words);
    place(one.range);
  };

  /** The sentence at a place of the window. @param {{ clientX: number, clientY: number }} where */
  const under = ({ clientX: x, clientY: y }) =>
    all.findIndex(({ range }) => [...range.getClientRects()].some((r) => x >= r.left && x <= r.right && y >= r.top && y <= r.bottom));

  const inBar = (/** @type {Event} */ { target }) => !!(/** @type {Element} */ (target)).closest?.("#bookplate-preview");
  let pointer = "";
  /** @type {PointerEvent | null} the last move over the text that is not answered yet */
  let moved = null;
  addEventListener("pointermove", (event) => {
    // A browser also tells of a move when the page scrolled under a pointer that rests: then the sentence gone to by key stays.
    const was = pointer;
    pointer = `${event.screenX} ${event.screenY}`;
    if (!all.length || pointer === was || event.pointerType === "touch") return;
    if (!moved) requestAnimationFrame(() => {
      const nth = moved ? under(moved) : at;
      moved = null;
      if (nth !== at) point(nth);
    });
    moved = event;
    if (inBar(event)) moved = null; // on the way to the buttons, the sentence that they go to is theirs
  }, { passive: true });
  addEventListener("click", (event) => {
    if (all.length && !inBar(event)) point(under(event));
  });
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") point(-1);
  });
  addEventListener("scroll", () => {
    if (all[at]) place(all[at].range);
  }, { passive: true });

  let asked = 0;
  return {
    /** Shows what this page has, and says how many. The sentence that was gone to stays. @param {boolean} on @returns {Promise<number>} */
    async show(on) {
      const mine = ++asked;
      /** @type {Marked[]} */
      let marked = [];
      if (on && document.querySelector(".opened-body")) {
        const answer = await fetch(`/-/marks/?page=${encodeURIComponent(decodeURIComponent(location.pathname))}`);
        if (!answer.ok) throw new Error(`/-/marks/ ${answer.status}`);
        marked = await answer.json();
      }
      if (mine !== asked) return all.length; // a later call has drawn, or will
      const stays = all[at]?.marked.id;
      const body = document.querySelector(".opened-body");
      all = body ? find(body, marked) : [];
      highlight(ALL, all.map(({ range }) => range));
      point(all.findIndex((one) => one.marked.id === stays));
      return all.length;
    },
    /** Goes to the next sentence, or back. @param {1 | -1} step */
    go(step) {
      if (!all.length) return;
      const nth = at < 0 && step < 0 ? all.length - 1 : (at + step + all.length) % all.length;
      const { top } = all[nth].range.getBoundingClientRect();
      scrollBy({ top: top - innerHeight / 3, behavior: "instant" });
      point(nth);
    },
  };
}
