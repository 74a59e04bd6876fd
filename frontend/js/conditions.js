// A condition's box for a value is a menu where the field that was chosen has a few values: “có” and “không”, the options of a
// choice, the codes of a short list. Without this the values are typed, and the menu is there when the page comes again.
function boxFor(old, offered) {
  const box = document.createElement(offered ? "select" : "input");
  for (const name of ["id", "name", "aria-describedby"]) if (old.hasAttribute(name)) box.setAttribute(name, old.getAttribute(name));
  box.className = offered ? "govuk-select" : "govuk-input";
  if (offered) box.append(offered.content.cloneNode(true));
  else box.type = "text";
  return box;
}

function chosen({ target }) {
  const condition = target.closest?.("[data-hl-condition]");
  const [, prefix, number] = /^([\w-]*?)f(\d+)$/.exec(target.name ?? "") ?? [];
  const old = condition && number && condition.querySelector(`[name="${prefix}v${number}"]`);
  if (!old) return;
  const offered = [...condition.querySelectorAll("template[data-hl-values]")].find((each) => each.dataset.hlValues === target.value);
  if (offered || old.tagName === "SELECT") old.replaceWith(boxFor(old, offered));
}

export function startConditions() {
  document.addEventListener("change", chosen);
}
