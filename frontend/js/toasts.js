// Short messages in a corner. They stay until closed: nobody must hurry to read. They never cover the page: what is said
// again takes the place of what was said, and of many only the last few stay.
const MOST = 3;
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
  region().append(element);
  thin(text);
}

/** Leave of the same words the last, and of all the last few; an error goes only when it is closed. */
function thin(text) {
  const told = [...region().querySelectorAll(".hl-toast")];
  for (const each of told.slice(0, -1)) {
    if (each.querySelector(".hl-toast__text")?.textContent === text) each.remove();
  }
  const passing = [...region().querySelectorAll(".hl-toast:not(.hl-toast--error)")];
  for (const each of passing.slice(0, -MOST)) each.remove();
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
  document.addEventListener("hl:toast", (event) => toast(event.detail.text, event.detail.tone));
}
