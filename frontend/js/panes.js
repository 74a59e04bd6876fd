// On a small screen the parts of [data-panes] are shown one at a time, chosen by the links above them.
const SMALL = window.matchMedia("(max-width: 67.99em)");

export function startPanes() {
  const frame = document.querySelector("[data-panes]");
  const links = [...document.querySelectorAll(".hl-panes__tabs a")];
  if (!frame || !links.length) return;
  const panes = links.map((link) => document.querySelector(link.hash));

  function show(index) {
    panes.forEach((pane, at) => (pane.hidden = SMALL.matches && at !== index));
    links.forEach((link, at) => (at === index ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
  }

  function wanted() {
    const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
    const faulty = document.querySelector(".hl-panes .govuk-error-summary");
    const at = panes.findIndex((pane) => pane.contains(faulty ?? target));
    return at < 0 ? panes.length - 1 : at; // what the official has to do comes first
  }

  let current = wanted();
  show(current);
  links.forEach((link, at) =>
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show((current = at));
      panes[at].focus({ preventScroll: true });
    }),
  );
  SMALL.addEventListener("change", () => show(current));
  window.addEventListener("hashchange", () => show((current = wanted())));
  // A paper opened from the check list shows where it is looked at.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "viewer" || event.detail.target?.id === "viewer") {
      show((current = panes.findIndex((pane) => pane.id === "pane-papers")));
      if (SMALL.matches) document.getElementById("viewer")?.scrollIntoView();
    }
  });
}
