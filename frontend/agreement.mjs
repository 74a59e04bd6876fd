// The browser's judge behind a pipe: one task a line in JSON, one answer a line. For tests that compare it with the server.
import { createInterface } from "node:readline";
import { UNKNOWN, evaluate } from "./js/judge/cel.js";
import { isSound, spelled } from "./js/judge/identifiers.js";
import { PageJudge } from "./js/judge/page.js";
import { FORMATS } from "./js/judge/formats.js";
import { prepare } from "./js/judge/schema.js";
import { judge as scored } from "./js/judge/scoring.js";
import { coerce } from "./js/judge/typed.js";
import { Undecided } from "./js/judge/undecided.js";
import { inWords } from "./js/judge/words.js";

/** Values as the other side writes them: whole numbers plain, fractions {"double"}, maps {"map"}. */
function taken(value) {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(taken);
  if (value === null || typeof value !== "object") return value;
  if ("double" in value) return Number(value.double);
  return Object.fromEntries(Object.entries(value.map).map(([name, part]) => [name, taken(part)]));
}

function told(value) {
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") return { double: String(value) };
  if (Array.isArray(value)) return value.map(told);
  if (value === null || typeof value !== "object") return value;
  return { map: Object.fromEntries(Object.entries(value).map(([name, part]) => [name, told(part)])) };
}

let documents = {};

const TASKS = {
  documents: (task) => void (documents = task.documents),
  schema: ({ schema, formats, value }) => prepare(schema, { documents, formats: formats ? FORMATS : null })(value).map(({ keyword, path }) => [keyword, ...path]),
  expression: ({ expression, data }) => told(evaluate(expression, { ...taken({ map: data }) })),
  typed: ({ field, text }) => told(coerce(text, field)),
  words: ({ field, value }) => inWords(taken(value), field),
  spelled: ({ kind, text }) => spelled(kind, text),
  sound: ({ kind, text }) => isSound(kind, text),
  scoring: ({ spec, answers }) => scored(spec, answers),
  page: ({ sheet, typed, shown }) => {
    const judge = new PageJudge(sheet);
    const { asked, values } = judge.walk(typed);
    const there = new Set(Object.keys(asked).filter((name) => asked[name] ?? shown.includes(name)));
    const computed = sheet.fields.filter((field) => field.control === "output");
    return {
      asked,
      faults: judge.faults(typed, there),
      computed: computed.map((field) => ({ name: field.name, ...attempt(() => words(values[field.name], field)) })),
    };
  },
};

function words(value, field) {
  if (value === UNKNOWN) throw new Undecided(field.name);
  return inWords(value, field);
}

function attempt(act) {
  try {
    return { answer: act() };
  } catch (error) {
    if (error instanceof Undecided) return { undecided: error.message };
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(attempt(() => TASKS[task.do](task) ?? null))}\n`);
}
