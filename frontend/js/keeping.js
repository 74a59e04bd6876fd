// What is typed while an answer is still under way stays in its box when the answer replaces the page around it.
const begun = new WeakMap(); // request → when it was sent
const typed = new Map(); // box → when it was last typed into
let kept = [];

const formOf = (box) => box.form?.getAttribute("action") ?? "";

/** The boxes inside `target` that were typed into after the request was sent, with what they hold. */
function typedSince(xhr, target) {
  const since = begun.get(xhr) ?? Infinity;
  const found = [];
  for (const [box, when] of typed) {
    if (!box.isConnected) typed.delete(box);
    else if (box.id && when > since && target.contains(box)) found.push({ id: box.id, form: formOf(box), value: box.value });
  }
  return found;
}

/** Put them back where the same box of the same form is there again: that of another field has another address. */
function putBack() {
  for (const { id, form, value } of kept) {
    const box = document.getElementById(id);
    if (!box || formOf(box) !== form || box.value === value) continue;
    box.value = value;
    if (box.form.dataset.hlUnsaved) box.form.dataset.hlUnsaved = "yes";
    typed.set(box, performance.now());
    if (document.activeElement === box) box.setSelectionRange(value.length, value.length);
  }
  kept = [];
}

export function startKeeping() {
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.("textarea, input:not([type]), input[type=text]")) typed.set(target, performance.now());
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => begun.set(detail.xhr, performance.now()));
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    kept = typedSince(detail.xhr, detail.target);
  });
  document.addEventListener("htmx:afterSwap", putBack);
}
