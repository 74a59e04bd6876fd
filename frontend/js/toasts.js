// Short messages in a corner. They stay until closed: nobody must hurry to read.
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
