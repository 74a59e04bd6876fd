// Putting things in order by dragging: `data-hl-item` is dropped into a `data-hl-list`, and what a button would have sent
// is sent with the place. Keys: Alt with an arrow presses the item's own buttons. Without this, the buttons do it.

const dragged = "hl-dragged";

/** Where in a list a pointer at this height is: the number of the item before which something is dropped. */
function placeIn(list, height, held) {
  const items = [...list.children].filter((item) => item !== held);
  const before = items.findIndex((item) => {
    const box = item.getBoundingClientRect();
    return height < box.top + box.height / 2;
  });
  return { place: before < 0 ? items.length : before, next: before < 0 ? null : items[before] };
}

/** The line that shows where something would go. */
function mark(list, next) {
  unmark();
  if (next) next.classList.add("hl-drop-before");
  else list.classList.add("hl-drop-last");
}

function unmark() {
  for (const element of document.querySelectorAll(".hl-drop-before, .hl-drop-last")) {
    element.classList.remove("hl-drop-before", "hl-drop-last");
  }
}

/** Send what was dropped: the verb and name of the item, the list, the place. */
function send(form, verb, list, place) {
  const box = form.querySelector("[data-hl-place]");
  const page = form.querySelector("[name='trang']");
  box.disabled = false;
  box.value = String(place);
  if (page) page.value = list;
  const said = document.createElement("button");
  said.type = "submit";
  said.name = "viec";
  said.value = `${verb} ${list}`;
  said.hidden = true;
  form.append(said);
  said.click();
}

export function startArranging() {
  let held = null;
  document.addEventListener("dragstart", (event) => {
    const item = event.target.closest?.("[data-hl-item]");
    if (!item) return;
    held = item;
    item.classList.add(dragged);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", item.dataset.hlItem);
  });
  document.addEventListener("dragover", (event) => {
    const list = held && event.target.closest?.("[data-hl-list]");
    if (!list) return unmark();
    event.preventDefault();
    mark(list, placeIn(list, event.clientY, held).next);
  });
  document.addEventListener("drop", (event) => {
    const list = held && event.target.closest?.("[data-hl-list]");
    if (!list) return;
    event.preventDefault();
    const form = list.closest("[data-hl-arrange]");
    send(form, held.dataset.hlItem, list.dataset.hlList, placeIn(list, event.clientY, held).place);
  });
  document.addEventListener("dragend", () => {
    held?.classList.remove(dragged);
    held = null;
    unmark();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const item = event.target.closest?.("[data-hl-list] > *");
    const button = item?.querySelector(event.key === "ArrowUp" ? "[data-hl-up]" : "[data-hl-down]");
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-hl-insert]");
    const box = button && document.querySelector("[data-hl-lines]");
    if (!box) return;
    box.setRangeText(button.dataset.hlInsert, box.selectionStart, box.selectionEnd, "end");
    box.focus();
  });
}
