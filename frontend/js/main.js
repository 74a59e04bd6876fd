// Everything the pages need in one module: GOV.UK and MOJ components, htmx, and our own small pieces.
import { Accordion, Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, NotificationBanner, PasswordInput, Radios, SkipLink, Tabs, createAll } from "govuk-frontend";
import { AddAnother } from "@ministryofjustice/frontend/moj/components/add-another/add-another.mjs";
import { ButtonMenu } from "@ministryofjustice/frontend/moj/components/button-menu/button-menu.mjs";
import { SortableTable } from "@ministryofjustice/frontend/moj/components/sortable-table/sortable-table.mjs";
import htmx from "htmx.org";
import { startArranging } from "./arranging.js";
import { startCodes } from "./codes.js";
import { settleConditions, startConditions } from "./conditions.js";
import { startDialogs } from "./dialogs.js";
import { startFiles } from "./files.js";
import { showCurrent, startFolding } from "./folding.js";
import { startInserting } from "./inserting.js";
import { startKeeping } from "./keeping.js";
import { startHtmx } from "./requests.js";
import { startPanes } from "./panes.js";
import { startPlaces } from "./places.js";
import { startPlacesLeft } from "./places_left.js";
import { startPasskeys } from "./passkeys.js";
import { startPrinting } from "./printing.js";
import { startRows } from "./rows.js";
import { startSigning } from "./signing.js";
import { startShortcuts } from "./shortcuts.js";
import { startTicking } from "./ticking.js";
import { startToasts } from "./toasts.js";
import { startUnsaved } from "./unsaved.js";
import { words } from "./words.js";

const COMPONENTS = [
  [Accordion, { i18n: words.accordion }],
  [AddAnother],
  [Button],
  [ButtonMenu],
  [CharacterCount, { i18n: words.characterCount }],
  [Checkboxes],
  [ErrorSummary],
  [FileUpload, { i18n: words.fileUpload }],
  [NotificationBanner],
  [PasswordInput, { i18n: words.passwordInput }],
  [Radios],
  [SkipLink],
  [SortableTable, words.sortableTable],
  [Tabs],
];

/** Bring the components inside `scope` to life. */
function start(scope) {
  nameSortableTables(scope);
  for (const [Component, config] of COMPONENTS) {
    createAll(Component, config, scope);
  }
  spaceFileButtons(scope);
  startFiles(scope);
  startRows(scope);
  startSigning(scope);
  startPlaces(scope);
  startPasskeys(scope);
  startTicking(scope);
  showCurrent(scope);
  settleConditions(scope);
  for (const form of scope.querySelectorAll("form")) {
    form.noValidate = true; // the server checks, and says it in the page's own language
  }
}

/** Tables say that they sort, in the page's language (the component would say it in English). */
function nameSortableTables(scope) {
  for (const caption of scope.querySelectorAll("table[data-module='moj-sortable-table'] caption")) {
    if (caption.querySelector(".govuk-visually-hidden")) continue;
    const note = document.createElement("span");
    note.className = "govuk-visually-hidden";
    note.textContent = ` ${words.sortable}`;
    caption.append(note);
  }
}

/** The file button's parts touch without a space; then its spoken name does not contain what is seen. */
function spaceFileButtons(scope) {
  for (const comma of scope.querySelectorAll(".govuk-file-upload-button > [id$='-comma']")) {
    comma.textContent = "";
    comma.before(" ");
  }
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
start(document);
document.addEventListener("hl:added", (event) => start(event.target)); // what another module put into the page
startArranging();
startInserting();
startFolding();
startCodes();
startDialogs();
startConditions();
startToasts();
startPrinting();
startPanes();
startShortcuts();
startKeeping();
startUnsaved();
startPlacesLeft();
startHtmx(htmx, start);
