// Popovers of the header close when one looks elsewhere; side panels fold on small screens.
const WIDE = window.matchMedia("(min-width: 48.0625em)");

function closePopovers(except) {
  for (const popover of document.querySelectorAll("details[data-hl-popover][open]")) {
    if (popover !== except) popover.open = false;
  }
}

function foldPanels() {
  for (const panel of document.querySelectorAll("details[data-hl-side], details[data-hl-filter]")) {
    panel.open = WIDE.matches;
  }
}

/** A line of tabs that is wider than the page shows the current one. */
export function showCurrent(scope) {
  for (const current of scope.querySelectorAll(".moj-sub-navigation__link[aria-current]")) {
    const list = current.closest(".moj-sub-navigation__list");
    list.scrollLeft = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
  }
}

export function startFolding() {
  foldPanels();
  WIDE.addEventListener("change", foldPanels);
  document.addEventListener("click", (event) => closePopovers(event.target.closest("details[data-hl-popover]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details[data-hl-popover][open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}
