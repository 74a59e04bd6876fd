// A box for a code of a long list: what is typed is looked up, with or without diacritics, and what fits is offered.
// What is chosen stands in the box as "0111 - Trồng lúa", of communes as "Xã Cửa Việt - 19496"; the server takes it, and what
// was typed whole, without this.
import { words } from "./words.js";

const BOX = "input[data-hl-codes]";
const WAIT = 200;

export function startCodes() {
  document.addEventListener("input", (event) => look(event.target));
  document.addEventListener("keydown", (event) => press(event));
  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.(BOX)) close(event.target);
  });
  document.addEventListener("pointerdown", (event) => {
    const item = event.target.closest?.(".hl-codes [role='option']");
    if (!item) return;
    event.preventDefault(); // the box keeps the focus
    choose(document.getElementById(item.parentElement.dataset.hlFor), item);
  });
}

const waiting = new WeakMap();

function look(box) {
  if (!box.matches?.(BOX)) return;
  clearTimeout(waiting.get(box));
  waiting.set(box, setTimeout(() => ask(box), WAIT));
}

async function ask(box) {
  const typed = box.value.trim();
  if (!typed) return close(box);
  const address = new URL(box.dataset.hlCodes, location.href);
  address.searchParams.set("q", typed);
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || box.value.trim() !== typed || document.activeElement !== box) return; // asked again since, or left
  show(box, (await answer.json()).items);
}

function show(box, found) {
  const list = listOf(box);
  list.replaceChildren(...found.map((code, place) => option(code, `${list.id}-${place}`, "hlNameFirst" in box.dataset)));
  if (!found.length) {
    const none = document.createElement("li");
    none.className = "hl-codes__none";
    none.setAttribute("role", "option");
    none.setAttribute("aria-disabled", "true");
    none.textContent = words.noCodes;
    list.append(none);
  }
  list.hidden = false;
  list.style.width = `${box.offsetWidth}px`; // it lies over the page: what stands below stays where somebody aims at it
  box.setAttribute("aria-expanded", "true");
  box.removeAttribute("aria-activedescendant");
}

function option(code, id, nameFirst) {
  const item = document.createElement("li");
  const value = document.createElement(nameFirst ? "span" : "strong");
  item.id = id;
  item.className = "hl-codes__item";
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const name = document.documentElement.lang.startsWith("en") && code.name_en ? code.name_en : code.name;
  item.dataset.value = nameFirst ? `${name} - ${code.value}` : `${code.value} - ${name}`;
  value.textContent = code.value;
  if (nameFirst) {
    value.className = "hl-muted";
    item.append(`${name} `, value);
  } else {
    item.append(value, ` ${name}`);
  }
  return item;
}

/** The list below a box, made when it is first needed. */
function listOf(box) {
  const known = document.getElementById(`${box.id}-codes`);
  if (known) return known;
  const list = document.createElement("ul");
  list.id = `${box.id}-codes`;
  list.className = "hl-codes";
  list.dataset.hlFor = box.id;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.labels?.[0]?.textContent.trim() ?? "");
  box.after(list);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  return list;
}

function press(event) {
  const box = event.target;
  if (!box.matches?.(BOX) || box.getAttribute("aria-expanded") !== "true") return;
  const items = [...listOf(box).querySelectorAll(".hl-codes__item")];
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    if (items.length) mark(box, items, at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length);
  } else if (event.key === "Enter" && at >= 0) {
    choose(box, items[at]);
  } else if (event.key === "Escape") {
    close(box);
  } else {
    return;
  }
  event.preventDefault();
}

function mark(box, items, place) {
  for (const [number, item] of items.entries()) item.setAttribute("aria-selected", String(number === place));
  box.setAttribute("aria-activedescendant", items[place].id);
  items[place].scrollIntoView({ block: "nearest" });
}

function choose(box, item) {
  if (!item.dataset.value) return;
  box.value = item.dataset.value;
  close(box);
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function close(box) {
  clearTimeout(waiting.get(box));
  const list = document.getElementById(`${box.id}-codes`);
  if (list) list.hidden = true;
  if (box.getAttribute("role") === "combobox") box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}
