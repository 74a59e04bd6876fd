// A value as a person reads it, as foundation/schemas/display.py writes it.
import { day } from "./cel_functions.js";
import { Undecided } from "./undecided.js";

const grouped = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");

/** A value in words; `field` says its `widget`, and in `words` what values are called. */
export function inWords(value, field) {
  if (value === null) return "";
  const called = field.words?.[String(value)];
  if (called !== undefined) return called;
  switch (typeof value) {
    case "bigint":
      if (field.widget === "money") return `${grouped(value)} đồng`;
      return counts(field) || value >= 10_000n || value <= -10_000n ? grouped(value) : String(value);
    case "number":
      return fraction(value, counts(field) || Math.abs(value) >= 10_000);
    case "string":
      return field.widget === "date" ? date(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => inWords(item, { ...field.items, words: field.words })).join(", ");
  throw new Undecided("no words for it");
}

const counts = ({ type, year }) => (type === "integer" || type === "number") && !year;

/** Six places at most, and a comma. */
function fraction(value, apart) {
  if (!(Math.abs(value) < 1e15) || (value !== 0 && Math.abs(value) < 1e-6)) throw new Undecided("an exponent");
  if (Object.is(value, -0)) return "-0";
  if (/^50*$/.test(value.toFixed(100).split(".")[1].slice(6))) throw new Undecided("halfway between two"); // to the even one there
  const [whole, decimals] = value.toFixed(6).split(".");
  const kept = decimals.replace(/0+$/, "");
  return (apart ? grouped(whole) : whole) + (kept && `,${kept}`);
}

function date(text) {
  const moment = day(text);
  return moment === null ? text : new Date(moment).toISOString().slice(0, 10).split("-").reverse().join("/");
}
