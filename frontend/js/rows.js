// Rows of a table question: added and taken away on the page. Without this, the server does it on the next send.
import { startPlaces } from "./places.js";
import { words } from "./words.js";

/** Give every control of a row the number the row now has. */
function renumber(table) {
  const name = table.dataset.hlRows;
  const rows = [...table.querySelectorAll(":scope > fieldset")];
  const pattern = new RegExp(`(${name}__)\\d+(__)`);
  rows.forEach((row, index) => {
    for (const element of row.querySelectorAll("[id], [name], [for]")) {
      for (const attribute of ["id", "name", "for"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(pattern, `$1${index}$2`));
      }
    }
    const legend = row.querySelector(":scope > legend");
    legend.textContent = legend.textContent.replace(/\d+/, String(index + 1));
  });
  table.querySelector(`:scope > input[name="${name}__rows"]`).value = String(rows.length);
}

function clear(row) {
  for (const control of row.querySelectorAll("input, select, textarea")) {
    if (control.type === "checkbox" || control.type === "radio") control.checked = false;
    else if (control.tagName === "SELECT") control.selectedIndex = 0;
    else control.value = "";
  }
}

function addRemove(table, row) {
  const ticks = [...row.querySelectorAll(":scope > .govuk-checkboxes")];
  for (const tick of ticks) tick.remove();
  row.querySelector(":scope > .hl-button-link")?.remove();
  const button = document.createElement("button");
  button.type = "button";
  button.className = "hl-button-link";
  button.textContent = words.removeRow;
  button.addEventListener("click", () => {
    const rows = table.querySelectorAll(":scope > fieldset");
    if (rows.length === 1) {
      clear(row);
    } else {
      row.remove();
      renumber(table);
    }
    table.querySelector(":scope > button").focus();
  });
  row.append(button);
}

function start(table) {
  const rows = [...table.querySelectorAll(":scope > fieldset")];
  const add = table.querySelector(":scope > button");
  if (!rows.length || !add || table.dataset.hlStarted) return;
  table.dataset.hlStarted = "yes";
  rows.forEach((row) => addRemove(table, row));
  add.addEventListener("click", (event) => {
    event.preventDefault();
    const last = table.querySelector(":scope > fieldset:last-of-type");
    const row = last.cloneNode(true);
    clear(row);
    for (const map of row.querySelectorAll("[data-hl-place-map]")) map.remove(); // it belongs to the box of the other row
    for (const box of row.querySelectorAll("[data-hl-place]")) delete box.dataset.hlStarted;
    last.after(row);
    addRemove(table, row);
    renumber(table);
    startPlaces(row);
    row.querySelector("input, select, textarea").focus();
  });
}

export function startRows(scope) {
  for (const table of scope.querySelectorAll("[data-hl-rows]")) start(table);
}
