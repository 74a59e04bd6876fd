// Short messages in a corner. They stay until closed, or until the page that they were about gives way to the next answer:
// nobody must hurry to read, and what was mended is no longer told. Only the newest stays beside errors, and it makes way for the
// box that one works in. On a small screen it goes as soon as one does the next thing.
const SMALL = window.matchMedia("(max-width: 61.99em)");
const DOING = "a, button, input, label, select, summary, textarea, [contenteditable]";
const region = () => document.getElementById("toasts");

function addCloseButton(toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "hl-toast__close";
  button.setAttribute("aria-label", region().dataset.close);
  button.textContent = "×";
  button.addEventListener("click", () => toast.remove());
  toast.append(button);
}

/** Show a message; `tone` is info, success, warning or error. */
export function toast(text, tone = "info") {
  const element = document.createElement("div");
  element.className = `hl-toast hl-toast--${tone}`;
  const words = document.createElement("p");
  words.className = "hl-toast__text";
  words.textContent = text;
  element.append(words);
  addCloseButton(element);
  region().classList.remove("hl-toasts--above");
  region().append(element);
  thin(text);
  makeWay();
}

/** Leave of the same words the last, and of all the newest; an error goes only when it is closed or answered. */
function thin(text) {
  const told = [...region().querySelectorAll(".hl-toast")];
  for (const each of told.slice(0, -1)) {
    if (each.querySelector(".hl-toast__text")?.textContent === text) each.remove();
  }
  const passing = [...region().querySelectorAll(".hl-toast:not(.hl-toast--error)")];
  for (const each of passing.slice(0, -1)) each.remove();
}

/** What was told goes with the next thing that one does on a small screen; errors stay. */
function goOn({ target }) {
  if (!SMALL.matches || region().contains(target) || !target.closest?.(DOING)) return;
  for (const each of region().querySelectorAll(".hl-toast:not(.hl-toast--error)")) each.remove();
}

/** The other edge of the screen, or its place in the page on a small one, when a message lies over the box that one is in. */
function makeWay() {
  const place = region();
  const box = document.activeElement;
  if (!place.firstElementChild || !box?.matches?.("input, select, textarea, [contenteditable]")) return;
  const [said, here] = [place.getBoundingClientRect(), box.getBoundingClientRect()];
  const covers = said.top < here.bottom && here.top < said.bottom && said.left < here.right && here.left < said.right;
  if (covers) place.classList.toggle("hl-toasts--above");
}

/** An answer that brings the next page of the bench takes the place of what was told about the one before. */
function answered({ detail }) {
  if (detail.target?.id !== "workbench" || detail.xhr.status >= 500) return;
  region().replaceChildren();
  region().classList.remove("hl-toasts--above");
}

export function startToasts() {
  const place = region();
  if (!place) return;
  // Messages that came with the page are put in again, so that screen readers announce them.
  const waiting = [...place.querySelectorAll(".hl-toast")];
  for (const element of waiting) {
    element.remove();
    addCloseButton(element);
  }
  if (waiting.length) setTimeout(() => place.append(...waiting), 100);
  document.addEventListener("htmx:beforeOnLoad", answered); // before what the answer itself tells
  document.addEventListener("focusin", makeWay);
  for (const doing of ["click", "input"]) document.addEventListener(doing, goOn, true); // before what it causes
  document.addEventListener("hl:toast", (event) => toast(event.detail.text, event.detail.tone));
}
