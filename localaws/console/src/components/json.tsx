// JSON as text, line by line, with one member marked if asked.
import { useMemo, useState } from "preact/hooks";
import type { Json } from "../api";

interface Line {
  depth: number;
  name: string;
  text: string;
  type: "string" | "number" | "word" | "mark";
  comma: boolean;
  marked: boolean;
}

const firstLines = 500;
const around = 40; // lines kept before a marked one when there are many

// linesOf writes a value as JSON.stringify does. mark is a path as the server
// names fields: subsegments[0].name.
function linesOf(root: Json, mark: string): Line[] {
  const lines: Line[] = [];
  const add = (depth: number, name: string, text: string, type: Line["type"], comma: boolean, marked: boolean) =>
    lines.push({ depth, name, text, type, comma, marked });
  const walk = (value: Json, depth: number, name: string, path: string, comma: boolean, inMark: boolean) => {
    const marked = inMark || (mark !== "" && path === mark);
    if (value === null || typeof value !== "object") {
      const type = typeof value === "string" ? "string" : typeof value === "number" ? "number" : "word";
      add(depth, name, JSON.stringify(value), type, comma, marked);
      return;
    }
    const list = Array.isArray(value);
    const members = list ? value.map((v, i) => [String(i), v] as const) : Object.entries(value);
    const [open, close] = list ? "[]" : "{}";
    if (members.length === 0) {
      add(depth, name, open + close, "mark", comma, marked);
      return;
    }
    add(depth, name, open, "mark", false, marked);
    members.forEach(([key, member], i) => {
      const inner = list ? `${path}[${key}]` : path ? `${path}.${key}` : key;
      walk(member, depth + 1, list ? "" : key, inner, i < members.length - 1, marked);
    });
    add(depth, "", close, "mark", comma, marked);
  };
  walk(root, 0, "", "", false, false);
  return lines;
}

export function JsonView({ value, mark = "" }: { value: Json; mark?: string }) {
  const lines = useMemo(() => linesOf(value, mark), [value, mark]);
  const [all, setAll] = useState(false);
  const markedAt = lines.findIndex((line) => line.marked);
  const from = all || markedAt < firstLines - around ? 0 : markedAt - around;
  const shown = all ? lines : lines.slice(from, from + firstLines);
  return (
    <div class="json">
      {from > 0 && <p class="note">{from} lines left out</p>}
      <pre tabIndex={0}>{shown.map((line, i) => <JsonLine key={from + i} line={line} />)}</pre>
      {shown.length < lines.length && (
        <button type="button" class="button small" onClick={() => setAll(true)}>Show all {lines.length} lines</button>
      )}
    </div>
  );
}

function JsonLine({ line }: { line: Line }) {
  const content = (
    <>
      {"  ".repeat(line.depth)}
      {line.name && <><span class="json-name">{JSON.stringify(line.name)}</span>: </>}
      <span class={"json-" + line.type}>{line.text}</span>
      {line.comma && ","}{"\n"}
    </>
  );
  return line.marked ? <mark>{content}</mark> : content;
}

// parseJson is the object or list a text holds, or undefined.
export function parseJson(text: string): Json | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
