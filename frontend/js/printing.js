// A button with data-hl-print prints the page.
export function startPrinting() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-hl-print]")) window.print();
  });
}
