// A form with [data-hl-unsaved] loses nothing that was typed: leaving it by a link of the bench saves it first, the other forms of
// its address take what it holds along, and whatever else leaves the page asks. [data-hl-leave] goes without saving.
import { words } from "./words.js";

const OWN = new Set(["csrfmiddlewaretoken", "ban", "viec", "ve"]); // these each form says for itself

const unsaved = () => document.querySelector("form[data-hl-unsaved=yes]");

function typed({ target }) {
  const form = target.form ?? target.closest?.("form");
  if (form?.dataset.hlUnsaved) form.dataset.hlUnsaved = "yes";
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function follow(event) {
  const form = unsaved();
  const link = event.target.closest?.("#workbench a[href]");
  if (!form || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (link.target || link.dataset.hlLeave !== undefined || link.getAttribute("href").startsWith("#")) return;
  if (link.getAttribute("hx-boost") === "false" || link.origin !== location.origin) return; // the page itself asks
  stop(event);
  form.elements.ve.value = link.pathname + link.search;
  form.requestSubmit();
}

function send(event) {
  const form = unsaved();
  const other = event.target;
  if (!form || other === form || other.dataset.hlLeave !== undefined || other.method !== "post") return;
  if (new URL(other.action).pathname !== new URL(form.action).pathname) {
    if (!window.confirm(words.unsaved)) stop(event);
    else form.dataset.hlUnsaved = "no";
    return;
  }
  for (const old of other.querySelectorAll("input[type=hidden]")) {
    if (!OWN.has(old.name) && form.elements.namedItem(old.name)) old.remove(); // what it holds now counts
  }
  for (const [name, value] of new FormData(form)) {
    if (OWN.has(name) || typeof value !== "string") continue;
    other.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
}

export function startUnsaved() {
  document.addEventListener("input", typed);
  document.addEventListener("change", typed);
  document.addEventListener("click", follow, true);
  document.addEventListener("submit", send, true);
  window.addEventListener("beforeunload", (event) => {
    if (unsaved()) event.preventDefault();
  });
}
