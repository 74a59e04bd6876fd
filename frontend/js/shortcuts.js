// Keys for lists: inside [data-shortcuts] j and k move, x ticks, Enter opens; / goes to the search box of the page, ? shows the keys.
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

export function startShortcuts() {
  const list = document.querySelector("[data-shortcuts]");
  if (!list) return;
  const rows = () => [...list.querySelectorAll("tbody tr")];
  const here = () => list.querySelector("tr.is-here");

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const from = all.indexOf(here());
    const to = from < 0 ? 0 : Math.min(Math.max(from + step, 0), all.length - 1);
    all[from]?.classList.remove("is-here");
    all[to].classList.add("is-here");
    all[to].querySelector("a")?.focus();
  }

  function showHelp() {
    const help = document.querySelector("[data-shortcuts-help]");
    if (!help) return;
    help.open = true;
    help.querySelector("summary")?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches(TYPING)) return;
    const actions = {
      j: () => move(1),
      k: () => move(-1),
      x: () => here()?.querySelector("input[type=checkbox]")?.click(),
      "?": () => showHelp(),
      "/": () => document.querySelector("main input[name=q]")?.focus(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
}
