// A box for files that the browser draws speaks the browser's language: over it, in the page's, what it does and what it has.
// The box itself stays, over all of it and not seen: it is pressed, reached by keys, named and dropped upon as before.
import { words } from "./words.js";

function part(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.setAttribute("aria-hidden", "true"); // the box says it itself
  made.textContent = text;
  return made;
}

function chosen(input) {
  const { noFileChosen, multipleFilesChosen } = words.fileUpload;
  if (!input.files.length) return noFileChosen;
  return input.files.length === 1 ? input.files[0].name : multipleFilesChosen.other.replace("%{count}", input.files.length);
}

/** Put the words over one box that is in the page or about to be; the frame to put there instead. */
export function framed(input) {
  const frame = document.createElement("span");
  frame.className = "hl-file";
  const said = part("hl-file__said", chosen(input));
  input.replaceWith(frame);
  frame.append(input, part("hl-file__button", input.accept.startsWith("image/*") ? words.choosePhotos : words.fileUpload.chooseFilesButton), said);
  input.addEventListener("change", () => (said.textContent = chosen(input)));
  input.form?.addEventListener("reset", () => setTimeout(() => (said.textContent = chosen(input))));
  return frame;
}

export function startFiles(scope) {
  for (const input of scope.querySelectorAll("input[type='file'].govuk-file-upload")) {
    if (!input.closest(".hl-file, [data-module='govuk-file-upload']")) framed(input);
  }
}
