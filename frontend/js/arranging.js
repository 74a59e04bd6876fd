// Lists that are put in order by dragging. `data-hl-drag` says what is held (“chuyen so_quay”, “them text”), `data-hl-list`
// where it may be dropped: its children are the items, `data-hl-form` names the hidden form that is filled in and sent, so
// the server does what the buttons do. Alt with an arrow presses the item's own buttons; Ctrl+Z and Ctrl+Y undo and redo.
let held = null; // { says, item }: what is dragged, and the item it stands in (null from the palette)

function listUnder(target) {
  return held && target instanceof Element ? target.closest("[data-hl-list]") : null;
}

/** Where in a list a pointer at this height is: the place among the other items, and the item that would follow. */
function placeIn(list, height) {
  const items = [...list.children].filter((item) => item !== held.item);
  const place = items.findIndex((item) => {
    const box = item.getBoundingClientRect();
    return height < box.top + box.height / 2;
  });
  return place < 0 ? { place: items.length, next: null } : { place, next: items[place] };
}

/** The line that shows where something would go. */
function mark(list, next) {
  for (const marked of document.querySelectorAll(".is-before, .is-at-end")) marked.classList.remove("is-before", "is-at-end");
  if (next) next.classList.add("is-before");
  else list?.classList.add("is-at-end");
}

function send(list, place) {
  const form = document.getElementById(list.dataset.hlForm);
  if (!form) return;
  const values = { viec: held.says, cho: place, trang: list.dataset.hlList };
  for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = String(value);
  form.elements.ten.value = document.querySelector("[data-hl-title]")?.value ?? "";
  form.requestSubmit();
}

function start(event) {
  const source = event.target.closest?.("[data-hl-drag]");
  if (!source) return;
  const item = source.closest("[data-hl-list] > *");
  held = { says: source.dataset.hlDrag, item };
  if (item) {
    item.classList.add("is-dragged");
    event.dataTransfer.setDragImage(item, 12, 12);
  }
  event.dataTransfer.effectAllowed = "copyMove";
  event.dataTransfer.setData("text/plain", held.says);
}

function over(event) {
  const list = listUnder(event.target);
  if (!list) return mark(null, null);
  event.preventDefault();
  mark(list, placeIn(list, event.clientY).next);
}

function drop(event) {
  const list = listUnder(event.target);
  if (!list) return;
  event.preventDefault();
  send(list, placeIn(list, event.clientY).place);
  finish();
}

function finish() {
  held?.item?.classList.remove("is-dragged");
  held = null;
  mark(null, null);
}

function press(event, button) {
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
}

function keys(event) {
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    const item = event.target.closest?.("[data-hl-list] > *");
    return press(event, item?.querySelector(event.key === "ArrowUp" ? "[data-hl-up]" : "[data-hl-down]"));
  }
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const key = event.key.toLowerCase();
  const wanted = key === "z" && !event.shiftKey ? "[data-hl-undo]" : key === "y" || key === "z" ? "[data-hl-redo]" : "";
  if (wanted) press(event, document.querySelector(wanted));
}

export function startArranging() {
  document.addEventListener("dragstart", start);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", finish);
  document.addEventListener("keydown", keys);
}
