// Native dialogs: a control with data-hl-dialog="id" opens one, data-hl-close closes it, so does the backdrop.
export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-hl-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.hlDialog);
      if (dialog instanceof HTMLDialogElement) {
        event.preventDefault();
        dialog.showModal();
      }
      return;
    }
    const dialog = event.target.closest("dialog");
    if (dialog && (event.target === dialog || event.target.closest("[data-hl-close]"))) {
      dialog.close();
    }
  });
}
