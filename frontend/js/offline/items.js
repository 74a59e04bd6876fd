// One item on the page of the phone: what is answered, noted, photographed; each change is kept at once.
import { framed } from "../files.js";
import { spelledOut } from "../judge/numbers.js";
import { accepts } from "../judge/scoring.js";
import { say } from "./words.js";

let count = 0;
/** The items whose notes and photos one has opened; the page is drawn again after each answer. */
const opened = new Set();

/** An element with classes, attributes and what is in it; texts are texts. */
export function make(tag, { cls = "", ...attributes } = {}, ...inside) {
  const element = document.createElement(tag);
  if (cls) element.className = cls;
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inside.filter((part) => part !== null));
  return element;
}

export const tag = (words, colour) => make("strong", { cls: `govuk-tag govuk-tag--${colour}` }, words);
export const button = (words, click, secondary = true) =>
  make("button", { type: "button", cls: `govuk-button${secondary ? " govuk-button--secondary" : ""}`, click }, words);

function labelled(words, control) {
  control.id ||= `muc-${(count += 1)}`;
  return make("div", { cls: "govuk-form-group" }, make("label", { cls: "govuk-label", for: control.id }, words), control);
}

/** The fieldset of an item. `save(changes)` keeps them; `add(files)` keeps photos. */
export function itemView(node, number, choices, answer, { unsent, save, add, locate }) {
  const legend = make("legend", { cls: "govuk-fieldset__legend govuk-fieldset__legend--s" }, `${number}. ${node.title} `);
  if (node.critical) legend.append(tag(say("critical"), "red"), " ");
  if (unsent) legend.append(tag(say("unsent"), "yellow"));
  const fieldset = make("fieldset", { cls: "govuk-fieldset" }, legend);
  if (node.help) fieldset.append(make("p", { cls: "govuk-hint" }, node.help));
  fieldset.append(node.ask === "number" ? numberBox(node, answer, save) : radios(node, choices, answer, save));
  const proof = [];
  if (node.evidence.note !== "no") {
    const note = make("textarea", { cls: "govuk-textarea", rows: "2", maxlength: "4000", change: () => save({ note: note.value.trim() }) });
    note.value = answer.note;
    proof.push(labelled(say("note"), note));
  }
  if (node.evidence.photo !== "no") {
    const words = answer.photos.length ? `${say("photo")} (${say("photos", { count: answer.photos.length })})` : say("photo");
    const input = make("input", { type: "file", accept: "image/*", multiple: true, cls: "govuk-file-upload", change: () => add([...input.files]) });
    const box = labelled(words, input);
    framed(input);
    proof.push(box);
  }
  if (proof.length) fieldset.append(folded(node, answer, proof));
  if (node.evidence.place !== "no") {
    const there = answer.latitude === null ? "" : `${answer.latitude}, ${answer.longitude}`;
    fieldset.append(make("p", { cls: "govuk-body-s" }, there), button(say("place"), locate));
  }
  return make("div", { cls: "govuk-form-group hl-item", "data-item": node.code }, fieldset);
}

/** Notes and photos, folded while there are none and none must be. */
function folded(node, answer, proof) {
  const wanted = [node.evidence.note, node.evidence.photo];
  const must = wanted.includes("must") || (wanted.includes("when_failed") && answer.value === "no");
  const fold = make("details", { cls: "govuk-details hl-proof", open: must || Boolean(answer.note || answer.photos.length) || opened.has(node.code) });
  fold.addEventListener("toggle", () => (fold.open ? opened.add(node.code) : opened.delete(node.code)));
  const words = make("span", { cls: "govuk-details__summary-text" }, say("proof"));
  fold.append(make("summary", { cls: "govuk-details__summary" }, words), make("div", { cls: "govuk-details__text" }, ...proof));
  return fold;
}

function radios(node, choices, answer, save) {
  const name = `muc-${node.code}`;
  const all = choices.map(([value, label]) => {
    const id = `${name}-${value}`;
    const input = make("input", { type: "radio", cls: "govuk-radios__input", id, name, value, change: () => save({ value }) });
    input.checked = answer.value === value;
    return make("div", { cls: "govuk-radios__item" }, input, make("label", { cls: "govuk-label govuk-radios__label", for: id }, label));
  });
  return make("div", { cls: "govuk-form-group" }, make("div", { cls: "govuk-radios govuk-radios--inline" }, ...all));
}

function numberBox(node, answer, save) {
  const fault = make("p", { cls: "govuk-error-message", role: "alert" }, say("not_number"));
  const change = () => {
    const value = spelledOut(input.value.trim()) ?? input.value.replaceAll(" ", "").replace(",", ".");
    fault.remove();
    if (value === "" || accepts(node, value)) save({ value });
    else box.prepend(fault);
  };
  const input = make("input", { cls: "govuk-input govuk-input--width-10", inputmode: "decimal", autocomplete: "off", change });
  input.value = answer.value === "na" ? "" : answer.value.replace(".", ",");
  const box = make("div", {}, labelled(node.unit ? `${say("number")} (${node.unit})` : say("number"), input));
  if (node.not_applicable) box.append(radios(node, [["na", say("not_applicable")]], answer, save));
  return box;
}
