// Formats of JSON Schema that the server asserts: true, false, or Undecided where the two might differ.
import { day } from "./cel_functions.js";
import { Undecided } from "./undecided.js";

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const MAIL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@${LABEL}(?:\\.${LABEL})+$`);
const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

function email(value) {
  if (MAIL.test(value) && value.length <= 64) return true;
  if (!value.includes("@") || /^@|@$/.test(value)) return false;
  throw new Undecided("an unusual address");
}

export const FORMATS = {
  date: (value) => /^\d{4}-\d{2}-\d{2}$/.test(value) && day(value) !== null,
  email,
  uuid: (value) => UUID.test(value),
};
