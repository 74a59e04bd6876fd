// A page of an e-form comes alive: questions come and go as one answers, faults are told in the server's words when one
// leaves a question or sends the page. Without this module, or when it fails, the server does all of it.
import { clearFault, showFault, showSummary } from "./form_faults.js";
import { UNKNOWN } from "./judge/cel.js";
import { PageJudge } from "./judge/page.js";
import { storable } from "./judge/typed.js";
import { Undecided } from "./judge/undecided.js";
import { inWords } from "./judge/words.js";

/** One question of the page: its markup is in the document only while it is asked. */
class Question {
  constructor(place, field) {
    this.field = field;
    this.touched = false;
    this.shown = !(place instanceof HTMLTemplateElement);
    this.fresh = !this.shown;
    this.element = this.shown ? place : place.content.firstElementChild.cloneNode(true);
    this.anchor = document.createComment(field.name);
    place.before(this.anchor);
    this.faulty = this.element.querySelector(".govuk-error-message") !== null;
  }

  /** Put it into the page, or take it out; what was typed stays with it. */
  ask(wanted) {
    if (wanted === this.shown) return false;
    this.shown = wanted;
    if (!wanted) {
      this.element.remove();
      return true;
    }
    this.anchor.after(this.element);
    if (this.fresh) this.element.dispatchEvent(new CustomEvent("hl:added", { bubbles: true }));
    this.fresh = false;
    return true;
  }

  /** Show what it is computed to; what only the server knows stays as it wrote it. */
  compute(value) {
    if (value === UNKNOWN) return;
    const output = this.element.querySelector("output");
    try {
      const words = inWords(value, this.field) || "–";
      if (output.textContent !== words) output.textContent = words; // it is read aloud when it changes
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      output.textContent = "–";
    }
  }

  controls() {
    return [...this.element.querySelectorAll("input, select, textarea")];
  }

  /** Whether what is typed here is looked up: only the server knows whether it is right. */
  looksUp() {
    return this.element.querySelector("[data-hl-codes]") !== null;
  }

  /** A number with its unit, by part; its only unit is no box, and by itself no answer. */
  quantity(controls) {
    const typed = controls.map((control) => [control.name.slice(this.field.name.length + 2), storable(control.value)]);
    const filled = Object.fromEntries(typed.filter(([, value]) => value));
    return Object.keys(filled).some((name) => !(name in this.field.given)) ? { ...filled, ...this.field.given } : null;
  }

  /** What is typed, as the server's widgets read it from a post. */
  typed() {
    const controls = this.controls();
    switch (this.field.control) {
      case "date": {
        const parts = controls.map((control) => storable(control.value).trim());
        return parts.some(Boolean) ? parts.join("/") : "";
      }
      case "checkboxes":
        return controls.filter((control) => control.checked).map((control) => control.value);
      case "radios":
        return controls.find((control) => control.checked)?.value ?? "";
      case "checkbox":
        return controls[0].checked;
      case "quantity":
        return this.quantity(controls);
      case "input":
      case "select":
      case "textarea":
        return storable(controls[0].value);
      default:
        return UNKNOWN;
    }
  }
}

class LivePage {
  constructor(form, sheet) {
    this.form = form;
    this.sheet = sheet;
    this.judge = new PageJudge(sheet);
    this.refused = "";
    this.pressed = false;
    this.waiting = [];
    this.questions = sheet.fields.map((field) => new Question(document.querySelector(`[data-hl-question="${field.name}"]`), field));
  }

  typed() {
    return Object.fromEntries(this.questions.map((question) => [question.field.name, question.typed()]));
  }

  /** The questions that stand on the page: the server then knows which its answer need not show first. */
  seen() {
    return this.questions.filter((question) => question.shown && question.field.control !== "output").map((question) => question.field.name);
  }

  faults() {
    const shown = new Set(this.questions.filter((question) => question.shown).map((question) => question.field.name));
    return this.judge.faults(this.typed(), shown);
  }

  /** Show the questions that are asked for now, hide the others, and say so to who cannot see it. */
  follow() {
    const { asked, values } = this.judge.walk(this.typed());
    const come = this.questions.filter((question) => asked[question.field.name] !== null && question.ask(asked[question.field.name]) && question.shown);
    for (const question of this.questions.filter(({ field }) => field.control === "output")) question.compute(values[question.field.name]);
    const place = this.form.querySelector("[data-hl-said]");
    const seen = this.form.querySelector("[data-hl-shown]");
    if (seen) seen.value = this.seen().join(" ");
    if (come.length && place) place.textContent = come.map((question) => `${this.sheet.words.added} ${question.field.label}`).join(". ");
  }

  /** Tell or take back the faults of the questions in `wanted`. */
  tell(wanted) {
    const faults = this.faults();
    for (const question of wanted) {
      const messages = faults[question.field.name];
      if (!question.shown || !messages) continue;
      question.faulty = messages.length > 0;
      if (question.faulty) showFault(question, messages, this.sheet.words.fault);
      else clearFault(question);
    }
    return faults;
  }

  /** What only the server judges was changed: what it said before is said no more. */
  takeBack(question) {
    question.faulty = false;
    clearFault(question);
  }

  /** A question was left: tell its faults. */
  left(question) {
    if (this.pressed) this.waiting.push(question);
    else this.tell([question]);
  }

  questionOf(target) {
    return this.questions.find((question) => question.element.contains(target));
  }

  start() {
    this.form.addEventListener("input", (event) => {
      this.follow();
      const question = this.questionOf(event.target);
      if (question) question.touched = true;
      const faults = this.tell(this.questions.filter((one) => one.faulty));
      if (question?.faulty && faults[question.field.name] === null) this.takeBack(question);
    });
    this.form.addEventListener("focusout", (event) => {
      const question = this.questionOf(event.target);
      if (question?.touched && !question.element.contains(event.relatedTarget)) this.left(question);
    });
    // While a button is being pressed nothing may move, or the press misses it: faults wait until it is let go.
    document.addEventListener("mousedown", () => (this.pressed = true));
    document.addEventListener("mouseup", () => {
      this.pressed = false;
      setTimeout(() => this.tell(this.waiting.splice(0)));
    });
    // Before the button's own listener: what is held back must not count as its one press.
    this.form.addEventListener("click", (event) => this.hold(event, event.target.closest("button")), true);
    this.form.addEventListener("submit", (event) => this.hold(event, event.submitter));
    window.addEventListener("pageshow", () => this.follow()); // going back, the browser fills the boxes again
    this.follow();
    this.goToAsked();
  }

  /** The address can lead to a question: one goes on typing there. */
  goToAsked() {
    const question = this.questions.find(({ element }) => element.id && `#${element.id}` === location.hash);
    const control = question?.controls().find((one) => one.type !== "hidden");
    if (!control) return;
    const go = () => setTimeout(() => control.focus({ preventScroll: true })); // once the browser has gone to the question itself
    if (document.readyState === "complete") go();
    else window.addEventListener("load", go, { once: true });
  }

  /** Hold the page back when it is being sent with faults; buttons with a name do something else than send it. */
  hold(event, button) {
    if (!button || button.type !== "submit" || button.name || this.mayLeave()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whether the page may be sent. What is refused here goes to the server when it is sent again unchanged. */
  mayLeave() {
    try {
      const faults = this.tell(this.questions);
      const wrong = this.questions.filter((question) => question.shown && faults[question.field.name]?.length);
      const state = JSON.stringify(this.typed(), (_, value) => (value === UNKNOWN ? null : value));
      const asked = this.questions.some((question) => question.shown && faults[question.field.name] === null && question.looksUp());
      if (!wrong.length || asked || state === this.refused) return true; // the server tells all faults at once
      this.refused = state;
      showSummary(wrong.map((question) => ({ id: question.field.focus, messages: faults[question.field.name] })));
      return false;
    } catch (error) {
      console.error(error);
      return true;
    }
  }
}

const form = document.querySelector("form[data-hl-form]");
const sheet = document.getElementById("form-sheet");
if (form && sheet) new LivePage(form, JSON.parse(sheet.textContent)).start();
