// Where one looks when htmx has put another page into the bench: at its head, as after any link; back where one was, when what
// was saved leads back to a list; at what was opened, when that stands below the list.
let stood = location.pathname;
const left = new Map(); // address → how far down one was

function arrive({ detail }) {
  const request = detail.requestConfig;
  if (!request || detail.target?.id !== "workbench") return;
  if (location.pathname !== stood) {
    stood = location.pathname;
    scrollTo({ top: (request.verb === "post" && left.get(stood)) || 0 });
  } else if (request.elt?.matches?.(".hl-arrange__what a")) {
    const panel = document.querySelector(".hl-fields__panel");
    if (panel && getComputedStyle(panel).position !== "sticky") panel.scrollIntoView({ block: "start" });
  }
}

export function startPlacesLeft() {
  document.addEventListener("htmx:beforeRequest", () => left.set(location.pathname, scrollY));
  document.addEventListener("htmx:afterSettle", arrive);
  addEventListener("popstate", () => {
    stood = location.pathname;
  });
}
