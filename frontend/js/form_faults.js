// Faults in the markup that the server writes too (ui/components/field.html, error_summary.html).

const ERRORS = ["govuk-input", "govuk-textarea", "govuk-select"];

function described(element, id, wanted) {
  const ids = new Set((element.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (wanted) ids.add(id);
  else ids.delete(id);
  if (ids.size) element.setAttribute("aria-describedby", [...ids].join(" "));
  else element.removeAttribute("aria-describedby");
}

function mark(question, wanted) {
  const { element, field } = question;
  element.querySelector(".govuk-form-group").classList.toggle("govuk-form-group--error", wanted);
  const fieldset = element.querySelector("fieldset");
  const choices = ["radios", "checkboxes"].includes(field.control);
  for (const control of question.controls()) {
    for (const name of ERRORS) if (control.classList.contains(name)) control.classList.toggle(`${name}--error`, wanted);
    if (choices) continue;
    if (wanted) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    if (!fieldset) described(control, `${field.id}-error`, wanted);
  }
  if (fieldset) described(fieldset, `${field.id}-error`, wanted);
}

/** Where the words about a question end and its control begins. */
function insert(question, message) {
  const { element, field } = question;
  const group = element.querySelector(".govuk-form-group");
  if (field.control === "checkbox") {
    group.prepend(message);
    return;
  }
  const words = document.getElementById(`${field.id}-hint`) ?? group.querySelector("legend, label");
  words.after(message);
}

/** Say what is wrong with a question. */
export function showFault(question, messages, word) {
  let message = question.element.querySelector(".govuk-error-message");
  if (!message) {
    message = document.createElement("p");
    message.className = "govuk-error-message";
    message.id = `${question.field.id}-error`;
    insert(question, message);
  }
  const hidden = document.createElement("span");
  hidden.className = "govuk-visually-hidden";
  hidden.textContent = word;
  message.replaceChildren(hidden, ` ${messages.join(" ")}`);
  mark(question, true);
}

export function clearFault(question) {
  question.element.querySelector(".govuk-error-message")?.remove();
  mark(question, false);
}

/** List the faults at the head of the page and go there; each leads to its question. */
export function showSummary(faults) {
  for (const old of document.querySelectorAll("main .govuk-error-summary")) old.remove();
  const template = document.querySelector("template[data-hl-summary]");
  const place = document.createElement("div");
  place.append(template.content.cloneNode(true));
  const list = place.querySelector(".govuk-error-summary__list");
  list.replaceChildren();
  for (const { id, messages } of faults) {
    for (const text of messages) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#${id}`;
      link.textContent = text;
      item.append(link);
      list.append(item);
    }
  }
  template.after(place);
  place.dispatchEvent(new CustomEvent("hl:added", { bubbles: true }));
}
