// Colour scheme, copy buttons, outline. Everything else works without this file.
(() => {
  const root = document.documentElement;
  const words = document.currentScript.dataset;
  const key = "bookplate-scheme";
  try {
    root.dataset.scheme = localStorage.getItem(key) ?? "";
  } catch {} // a window without storage
  const dark = () => (root.dataset.scheme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

  function copies(within) {
    for (const pre of within.querySelectorAll("pre.code:not(.copyable > pre)")) {
      const box = document.createElement("div");
      const button = document.createElement("button");
      box.className = "copyable";
      button.type = "button";
      button.textContent = words.copy;
      button.onclick = async () => {
        await navigator.clipboard.writeText(pre.textContent.replace(/\n$/, ""));
        button.textContent = words.copied;
        setTimeout(() => button.textContent = words.copy, 2e3);
      };
      pre.replaceWith(box);
      box.append(pre, button);
    }
  }

  addEventListener("DOMContentLoaded", () => {
    const toggle = document.querySelector(".scheme");
    const show = () => toggle.setAttribute("aria-pressed", dark());
    toggle.hidden = false;
    toggle.onclick = () => {
      root.dataset.scheme = dark() ? "light" : "dark";
      try {
        localStorage.setItem(key, root.dataset.scheme);
      } catch {}
      show();
    };
    show();
    const outline = document.querySelector(".outline > details");
    const body = document.querySelector(".outline-body");
    if (outline && matchMedia("(min-width: 60rem)").matches) outline.open = true;
    const here = body?.querySelector("[aria-current]");
    if (here?.offsetTop > body?.clientHeight) body.scrollTop = here.offsetTop - body.clientHeight / 2;
    if (navigator.clipboard) {
      copies(document);
      addEventListener("bookplate:open", (event) => copies(event.target));
    }
  });
})();
