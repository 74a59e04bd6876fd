// A condition's box for a value is a menu where the field that was chosen has a few values: “có” and “không”, the options of a
// choice, the codes of a short list. Without this the values are typed, and the menu is there when the page comes again.
// A comparison that stands alone (“đã được điền”) has no boxes for what is compared with.
function boxFor(old, offered) {
  const box = document.createElement(offered ? "select" : "input");
  for (const name of ["id", "name", "aria-describedby"]) if (old.hasAttribute(name)) box.setAttribute(name, old.getAttribute(name));
  box.className = offered ? "govuk-select" : "govuk-input";
  if (offered) box.append(offered.content.cloneNode(true));
  else box.type = "text";
  return box;
}

/** The box of a row (`v`, `o` …) that belongs to the same row as `name` (`prefix-c0`). */
function beside(condition, name, box) {
  const [, prefix, number] = /^([\w-]*?)[fc](\d+)$/.exec(name ?? "") ?? [];
  return number && condition.querySelector(`[name="${prefix}${box}${number}"]`);
}

function offerValues(condition, field) {
  const old = beside(condition, field.name, "v");
  if (!old) return;
  const offered = [...condition.querySelectorAll("template[data-hl-values]")].find((each) => each.dataset.hlValues === field.value);
  if (offered || old.tagName === "SELECT") old.replaceWith(boxFor(old, offered));
}

function hideNeedless(condition, comparison) {
  const isAlone = condition.dataset.hlAlone.split(" ").includes(comparison.value);
  for (const box of ["v", "o"]) {
    const group = beside(condition, comparison.name, box)?.closest(".govuk-form-group");
    if (group) group.hidden = isAlone;
  }
}

function chosen({ target }) {
  const condition = target.closest?.("[data-hl-condition]");
  if (!condition) return;
  if (/f\d+$/.test(target.name ?? "")) offerValues(condition, target);
  if (/c\d+$/.test(target.name ?? "")) hideNeedless(condition, target);
}

/** Rows that stand on the page already. */
export function settleConditions(scope) {
  for (const condition of scope.querySelectorAll("[data-hl-condition]")) {
    for (const comparison of condition.querySelectorAll("select[name*='c']")) {
      if (/c\d+$/.test(comparison.name)) hideNeedless(condition, comparison);
    }
  }
}

export function startConditions() {
  document.addEventListener("change", chosen);
}
