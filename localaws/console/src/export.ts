// Rows as files.
import type { QueryAnswer } from "./api";

type Rows = Pick<QueryAnswer, "columns" | "rows">;

// csv is RFC 4180's form. A cell that a spreadsheet would take for a formula
// stays as it is: the file is data first.
export function csv({ columns, rows }: Rows): string {
  const line = (cells: (string | null)[]) => cells.map((cell) => (/[",\r\n]/.test(cell ?? "") ? '"' + cell!.replaceAll('"', '""') + '"' : cell ?? "")).join(",");
  return [columns, ...rows.map((row) => row.cells)].map(line).join("\r\n") + "\r\n";
}

// json is a list of objects without the fields that an event lacks.
export function json({ columns, rows }: Rows): string {
  const objects = rows.map((row) => Object.fromEntries(columns.flatMap((name, i) => (row.cells[i] === null ? [] : [[name, row.cells[i]]]))));
  return JSON.stringify(objects, null, 2) + "\n";
}

export function save(name: string, type: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
