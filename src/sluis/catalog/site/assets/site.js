"use strict";
// Search, filters and the star model. Without this script every page still says all it has to say.

(function search() {
  const box = document.querySelector(".find");
  if (!box) return;
  const input = box.querySelector("input");
  const panel = box.querySelector(".found");
  const list = box.querySelector("#found");
  const count = box.querySelector(".count");
  const SHOWN = 40;
  let chosen = -1;
  box.hidden = false;

  // A script, because a page that is opened from disk may not fetch.
  function withIndex(then) {
    if (window.sluisIndex) return then();
    let script = document.getElementById("index");
    if (!script) {
      script = document.createElement("script");
      script.id = "index";
      script.src = box.dataset.index;
      document.head.append(script);
    }
    script.addEventListener("load", then, { once: true });
  }

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  function score(name, text, words) {
    let total = 0;
    for (const word of words) {
      const last = name.slice(name.lastIndexOf(".") + 1);
      if (last === word) total += 8;
      else if (last.startsWith(word)) total += 5;
      else if (name.includes(word)) total += 3;
      else if (text.includes(word)) total += 1;
      else return 0;
    }
    return total;
  }

  function matches(words) {
    const weight = { stream: 0.6, file: 0.5, column: 0 };
    return window.sluisIndex
      .map((entry) => ({ entry, points: score(plain(entry[1]), plain(entry[2]), words) }))
      .filter((one) => one.points > 0)
      .map((one) => ({ entry: one.entry, points: one.points + weight[one.entry[0]] }))
      .sort((a, b) => b.points - a.points);
  }

  function item(entry, number) {
    const [kind, name, text, page] = entry;
    const link = document.createElement("a");
    link.href = box.dataset.base + page;
    link.id = "found-" + number;
    link.setAttribute("role", "option");
    link.setAttribute("aria-selected", "false");
    link.tabIndex = -1;
    for (const [tag, content] of [["strong", name], ["span", box.dataset[kind]], ["small", text]]) {
      const part = document.createElement(tag);
      part.textContent = content;
      if (tag === "strong" && kind !== "stream") part.className = "name";
      link.append(part);
    }
    return link;
  }

  function show() {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    if (!words.length) return close();
    const found = matches(words);
    list.replaceChildren(...found.slice(0, SHOWN).map((one, number) => item(one.entry, number)));
    const text = !found.length ? box.dataset.none : found.length > SHOWN ? box.dataset.more : box.dataset.some;
    count.textContent = text.replace("{n}", found.length).replace("{shown}", SHOWN);
    panel.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function close() {
    panel.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }

  function choose(step) {
    const items = [...list.children];
    if (panel.hidden || !items.length) return;
    chosen = (chosen + step + items.length + (chosen < 0 && step < 0 ? 1 : 0)) % items.length;
    items.forEach((one, number) => one.setAttribute("aria-selected", String(number === chosen)));
    items[chosen].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", items[chosen].id);
  }

  input.addEventListener("focus", () => withIndex(() => {}));
  input.addEventListener("input", () => withIndex(show));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const target = list.children[Math.max(chosen, 0)];
      if (!panel.hidden && target) target.click();
    } else if (event.key === "Escape") {
      close();
    }
  });
  list.addEventListener("click", close);
  document.addEventListener("click", (event) => { if (!box.contains(event.target)) close(); });
  box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget)) close(); });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    }
  });
})();

(function filter() {
  const bar = document.querySelector(".filter");
  if (!bar) return;
  bar.hidden = false;
  const buttons = [...bar.querySelectorAll("button")];
  const rows = [...document.querySelectorAll(".filter ~ .columns tbody tr")];

  function show(mark) {
    buttons.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.mark === mark)));
    rows.forEach((row) => { row.hidden = Boolean(mark) && !row.dataset.marks.split(" ").includes(mark); });
  }

  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) show(button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.mark);
  });
  // A link to a column shows it, whatever is filtered.
  window.addEventListener("hashchange", () => show(""));
})();

(function star() {
  const drawing = document.querySelector(".star svg");
  if (!drawing) return;
  const boxes = [...drawing.querySelectorAll(".box")];
  const arrows = [...drawing.querySelectorAll(".arrow")];

  function light(names, lit) {
    drawing.classList.toggle("busy", lit.length > 0 || names.size > 0);
    arrows.forEach((arrow) => arrow.classList.toggle("on", lit.includes(arrow)));
    boxes.forEach((box) => box.classList.toggle("on", names.has(box.dataset.file)));
  }

  function around(file) {
    const lit = arrows.filter((arrow) => arrow.dataset.from === file || arrow.dataset.to === file);
    light(new Set([file, ...lit.flatMap((arrow) => [arrow.dataset.from, arrow.dataset.to])]), lit);
  }

  const none = () => light(new Set(), []);
  for (const box of boxes) {
    box.addEventListener("pointerenter", () => around(box.dataset.file));
    box.addEventListener("focus", () => around(box.dataset.file));
    box.addEventListener("pointerleave", none);
    box.addEventListener("blur", none);
  }
  for (const arrow of arrows) {
    arrow.addEventListener("pointerenter", () => light(new Set([arrow.dataset.from, arrow.dataset.to]), [arrow]));
    arrow.addEventListener("pointerleave", none);
  }
})();
