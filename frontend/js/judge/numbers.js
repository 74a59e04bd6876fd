// How numbers are typed here, as foundation/schemas/cleaning.py reads them.

/** A number as people write it (`1.250,5`, `2,5`, `2.5`) in digits that a machine reads; null when it is none. */
export function spelledOut(typed) {
  if (/^[+-]?[1-9]\d{0,2}([. ])\d{3}(?:\1\d{3})*(?:,\d{1,10})?$/.test(typed)) return typed.replace(/[. ]/g, "").replace(",", ".");
  return /^[+-]?\d{1,15}([.,]\d{1,10})?$/.test(typed) ? typed.replace(",", ".") : null;
}
