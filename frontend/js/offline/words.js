// The words of the page, written by the server in its language.
const words = {};

export function learn(template) {
  for (const one of template.content.querySelectorAll("[data-word]")) words[one.dataset.word] = one.textContent;
}

/** A word with its blanks filled in. */
export function say(name, blanks = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_whole, blank) => String(blanks[blank] ?? ""));
}
