// Kinds of identifying texts (foundation/schemas/kinds.py): their one spelling, and check digits.
import { Undecided } from "./undecided.js";

const PLATE = /^(\d{2})([ABCDEFGHKLMNPSTUVXYZĐ]{1,2}\d?)(\d{4,5})$/;
const BARE = { "personal-id": digits, "enterprise-id": digits, gtin: digits, plate, isbn };

function digits(text) {
  return text.replace(/[\s.-]/g, "");
}

function ascii(text) {
  if (!/^[\x00-\x7f]*$/.test(text)) throw new Undecided("digits or strokes of other scripts");
  return text;
}

function plate(text) {
  const parts = PLATE.exec(digits(text).toUpperCase());
  return parts ? `${parts[1]}${parts[2]}-${parts[3]}` : text;
}

/** The check digit of an EAN, from right to left by 3 and 1. */
function eanDigit(number) {
  const sum = [...number].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

function isEan(number) {
  return /^\d+$/.test(number) && [8, 12, 13, 14].includes(number.length) && eanDigit(number.slice(0, -1)) === number.at(-1);
}

function isbnOf(text) {
  const bare = ascii(text).replace(/[ -]/g, "").toUpperCase();
  const number = bare.length === 9 ? `0${bare}` : bare;
  if (number.length === 10 && /^\d{9}/.test(number)) {
    const sum = [...number.slice(0, -1)].reduce((total, digit, at) => total + Number(digit) * (at + 1), 0) % 11;
    return number.at(-1) === (sum === 10 ? "X" : String(sum)) ? number : "";
  }
  return number.length === 13 && isEan(number) && /^97[89]/.test(number) ? number : "";
}

function isbn(text) {
  const number = isbnOf(text);
  if (number.length !== 10) return number || text;
  const first = `978${number.slice(0, -1)}`;
  return first + eanDigit(first);
}

function isTaxCode(text) {
  const number = ascii(text).replace(/[ .-]/g, "").trim();
  if (!/^(\d{10}|\d{13})$/.test(number) || number.slice(2, 9) === "0000000" || /^.{10}000$/.test(number)) return false;
  const sum = [31, 29, 23, 19, 17, 13, 7, 5, 3].reduce((total, weight, at) => total + weight * Number(number[at]), 0);
  return number[9] === String(10 - (sum % 11));
}

const SOUND = {
  "personal-id": (text) => /^[0-9]{12}$/.test(text),
  "enterprise-id": isTaxCode,
  plate: (text) => PLATE.test(ascii(text.replaceAll("Đ", "D")) && text.replaceAll("-", "")),
  isbn: (text) => isbnOf(text) !== "",
  gtin: (text) => isEan(ascii(text).replace(/[ -]/g, "")),
};
/** Kinds whose spelling and faults their schema says in full. */
const PLAIN = new Set(["text", "rich", "flag", "integer", "number", "money", "date", "code", "reference", "phone", "email"]);

/** What was typed, in the one spelling that is kept; what cannot be understood stays. */
export function spelled(kind, text) {
  if (kind in BARE) {
    if (/(?![0-9])\p{Nd}/u.test(text)) throw new Undecided("digits of other scripts");
    return BARE[kind](text);
  }
  if (PLAIN.has(kind)) return text;
  throw new Undecided(`kind ${kind}`);
}

/** Whether a text of this kind is sound beyond what its schema says. */
export function isSound(kind, text) {
  if (kind in SOUND) return typeof text === "string" && SOUND[kind](text);
  if (PLAIN.has(kind)) return true;
  throw new Undecided(`kind ${kind}`);
}
