// Names of fields that are put where one is writing: `data-hl-insert` says what, the box with `data-hl-lines` takes it.
export function startInserting() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-hl-insert]");
    const box = button && document.querySelector("[data-hl-lines]");
    if (!box) return;
    box.setRangeText(button.dataset.hlInsert, box.selectionStart, box.selectionEnd, "end");
    box.focus();
  });
}
