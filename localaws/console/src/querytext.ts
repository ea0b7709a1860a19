// What an editor needs to know of a query of Logs Insights: its tokens, and what
// may follow where the caret is. The server alone says what is right.
import type { Field, Word } from "./api";

export type TokenKind = "comment" | "string" | "pattern" | "number" | "name" | "pipe" | "mark" | "space";

export interface Token {
  kind: TokenKind;
  text: string;
  at: number;
}

const kinds: [TokenKind, RegExp][] = [
  ["space", /\s+/y],
  ["comment", /#.*/y],
  ["string", /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?/sy],
  ["name", /(?:[@$\w.]|`[^`]*`?|[^\x00-\x7f])+/y],
  ["pipe", /\|/y],
  ["mark", /./sy],
];
const pattern = /\/(?:\\.|[^/\\\n])*\/?/y;
const number = /^\d[\w.]*$/;

// tokens cuts a query up. A slash begins a pattern where an operand is due.
export function tokens(query: string): Token[] {
  const list: Token[] = [];
  for (let at = 0; at < query.length;) {
    const token = slash(query, at, list) ?? match(query, at);
    list.push(token);
    at += token.text.length;
  }
  return list;
}

function match(query: string, at: number): Token {
  for (const [kind, find] of kinds) {
    find.lastIndex = at;
    const text = find.exec(query)?.[0];
    if (text) return { kind: number.test(text) ? "number" : kind, text, at };
  }
  return { kind: "mark", text: query[at], at };
}

function slash(query: string, at: number, before: Token[]): Token | null {
  if (query[at] !== "/") return null;
  const [last, lastButOne] = before.filter((t) => t.kind !== "space" && t.kind !== "comment").slice(-2).reverse();
  const due = !last || /^(like|parse)$/i.test(last.text) || last.text === "~" || /^parse$/i.test(lastButOne?.text ?? "");
  if (!due) return null;
  pattern.lastIndex = at;
  return { kind: "pattern", text: pattern.exec(query)![0], at };
}

export interface Completion {
  label: string;
  insert: string;
  caret: number; // from the start of insert
  kind: Word["kind"] | "field";
  usage: string;
  means: string;
}

export interface Completions {
  from: number; // what is typed begins here
  list: Completion[];
}

const mostShown = 50;

// complete is what may stand at the caret, best first. Nothing typed yet gives
// nothing unless asked, but for commands, of which there are few.
export function complete(query: string, caret: number, asked: boolean, words: Word[], fields: Field[]): Completions | null {
  const before = tokens(query.slice(0, caret));
  const last = before.at(-1);
  if (last && (last.kind === "comment" || last.kind === "pattern" || last.kind === "string" || last.kind === "number") && !asked) return null;
  const typing = last?.kind === "name";
  const from = typing ? last.at : caret;
  const typed = query.slice(from, caret).replaceAll("`", "").toLowerCase();
  const meant = before.slice(0, typing ? -1 : undefined).filter((t) => t.kind !== "space" && t.kind !== "comment");
  const previous = meant.at(-1);
  const atCommand = !previous || previous.kind === "pipe";
  if (previous?.text.toLowerCase() === "as") return null;
  if (!typing && !asked && !(previous?.kind === "pipe" && last?.kind === "space")) return null;
  const command = meant.slice(meant.findLastIndex((t) => t.kind === "pipe") + 1)[0]?.text.toLowerCase() ?? "";
  const all = atCommand
    ? words.filter((word) => word.kind === "command").map(ofWord)
    : [...fields.map(ofField), ...words.filter((word) => fits(word, command)).map(ofWord)];
  const list = rank(all, typed);
  return list.length === 0 || (list.length === 1 && list[0].label.toLowerCase() === typed) ? null : { from, list };
}

function fits(word: Word, command: string): boolean {
  if (word.kind === "aggregation" || word.name === "by") return command === "stats";
  if (word.name === "asc" || word.name === "desc") return command === "sort";
  return word.kind !== "command";
}

function ofWord(word: Word): Completion {
  const call = word.kind === "function" || word.kind === "aggregation";
  const empty = word.usage.endsWith("()");
  const insert = call ? word.name + "()" : word.name + " ";
  return { label: word.name, insert, caret: call && !empty ? insert.length - 1 : insert.length, kind: word.kind, usage: word.usage, means: word.means };
}

function ofField({ name, percent }: Field): Completion {
  const insert = fieldText(name);
  return { label: name, insert, caret: insert.length, kind: "field", usage: name, means: percent < 100 ? `field of ${percent} % of the lines` : "field" };
}

// fieldText is a field's name as a query writes it.
export function fieldText(name: string): string {
  return /^[@$_a-z][\w.@]*$/i.test(name) ? name : "`" + name + "`";
}

function rank(all: Completion[], typed: string): Completion[] {
  const begins: Completion[] = [];
  const has: Completion[] = [];
  for (const one of all) {
    const at = one.label.toLowerCase().indexOf(typed);
    if (at === 0 || (at === 1 && one.label.startsWith("@"))) begins.push(one);
    else if (at > 0) has.push(one);
  }
  return [...begins, ...has].slice(0, mostShown);
}

// unitsAt is where the nth code point of a text begins: servers count code
// points, browsers halves of them.
export function unitsAt(text: string, n: number): number {
  let units = 0;
  for (const letter of text) {
    if (n-- <= 0) break;
    units += letter.length;
  }
  return units;
}
