// Lists that are put in order by dragging, and kinds dragged into them. What is dropped fills in a form that is there
// (`data-hl-arrange` names it) and sends it, so the server does what the buttons do. Ctrl+Z and Ctrl+Y undo and redo.
const ITEM = ".hl-arrange__item";
let dragged = null; // { name } of an item, or { kind } from the palette

function listUnder(target) {
  return dragged && target instanceof Element ? target.closest("[data-hl-arrange]") : null;
}

/** The item before which a drop at this height falls; null after the last. */
function following(list, height) {
  return [...list.querySelectorAll(ITEM)].find((item) => {
    const box = item.getBoundingClientRect();
    return height < box.top + box.height / 2;
  });
}

function mark(list, item) {
  for (const marked of document.querySelectorAll(".is-before, .is-at-end")) marked.classList.remove("is-before", "is-at-end");
  if (item) item.classList.add("is-before");
  else list?.classList.add("is-at-end");
}

function send(list, values) {
  const form = document.getElementById(list.dataset.hlArrange);
  if (!form) return;
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  form.requestSubmit();
}

function start(event) {
  const handle = event.target.closest?.(".hl-arrange__handle");
  const kind = event.target.closest?.("[data-hl-kind]");
  if (handle) {
    const item = handle.closest(ITEM);
    dragged = { name: item.dataset.hlName };
    item.classList.add("is-dragged");
    event.dataTransfer.setDragImage(item, 12, 12);
  } else if (kind) {
    dragged = { kind: kind.dataset.hlKind, title: kind.form?.elements.title?.value ?? "" };
  } else {
    return;
  }
  event.dataTransfer.effectAllowed = "copyMove";
  event.dataTransfer.setData("text/plain", dragged.name ?? dragged.kind);
}

function over(event) {
  const list = listUnder(event.target);
  if (!list) return mark(null, null);
  event.preventDefault();
  mark(list, following(list, event.clientY));
}

function drop(event) {
  const list = listUnder(event.target);
  if (!list) return;
  event.preventDefault();
  const before = following(list, event.clientY);
  const others = [...list.querySelectorAll(ITEM)].filter((item) => item.dataset.hlName !== dragged.name);
  let place = others.length;
  if (before) {
    const all = [...list.querySelectorAll(ITEM)];
    place = all.slice(0, all.indexOf(before)).filter((item) => item.dataset.hlName !== dragged.name).length;
  }
  if (dragged.name) send(list, { viec: "chuyen", name: dragged.name, to: place });
  else send(list, { viec: "them", kind: dragged.kind, title: dragged.title, at: place });
  finish();
}

function finish() {
  dragged = null;
  mark(null, null);
  for (const item of document.querySelectorAll(".is-dragged")) item.classList.remove("is-dragged");
}

function undo(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  const wanted = key === "z" && !event.shiftKey ? "[data-hl-undo]" : key === "y" || key === "z" ? "[data-hl-redo]" : "";
  const button = wanted && document.querySelector(wanted);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
}

export function startArranging() {
  document.addEventListener("dragstart", start);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", finish);
  document.addEventListener("keydown", undo);
}
