// One button ticks every box of a name in its form, and when all are ticked, none.
export function startTicking(scope) {
  for (const button of scope.querySelectorAll("button[data-hl-tick-all]")) {
    const all = button.textContent;
    const boxes = [...button.form.querySelectorAll(`input[type="checkbox"][name="${button.dataset.hlTickAll}"]`)];
    const every = () => boxes.every((box) => box.checked);
    const say = () => (button.textContent = every() ? button.dataset.hlTickNone : all);
    button.addEventListener("click", () => {
      const ticked = !every();
      for (const box of boxes) box.checked = ticked;
      say();
    });
    button.form.addEventListener("change", say);
    button.hidden = boxes.length < 2;
    say();
  }
}
