// A time range stands in the URL as range=15m, or as start= and end= in
// milliseconds.
import { useState } from "preact/hooks";
import { param, refine } from "../router";
import { Field } from "./field";

const minute = 60_000;
const ranges: [value: string, text: string, ms: number][] = [
  ["5m", "Last 5 minutes", 5 * minute],
  ["15m", "Last 15 minutes", 15 * minute],
  ["1h", "Last hour", 60 * minute],
  ["6h", "Last 6 hours", 360 * minute],
  ["24h", "Last 24 hours", 1440 * minute],
];

export interface Span {
  start?: number;
  end?: number;
}

// rangeKey changes when the reader asks for another range, rangeNow is what
// the range means at this moment.
export const rangeKey = () => [param("range"), param("start"), param("end")].join("/");

export function rangeNow(fallback = ""): Span {
  const known = ranges.find(([value]) => value === (param("range") || (param("start") ? "" : fallback)));
  if (known) return { start: Date.now() - known[2] };
  return { start: millis(param("start")), end: millis(param("end")) };
}

function millis(text: string): number | undefined {
  const ms = Number(text);
  return text !== "" && Number.isFinite(ms) ? ms : undefined;
}

export function RangePicker({ fallback = "", all = true }: { fallback?: string; all?: boolean }) {
  const custom = param("start") !== "" || param("end") !== "";
  const [editing, setEditing] = useState(false);
  const choose = (value: string) => {
    setEditing(value === "custom");
    if (value !== "custom") refine({ range: value === fallback ? "" : value, start: "", end: "", before: "", at: "" });
  };
  return (
    <span class="range">
      <select aria-label="Time range" value={custom || editing ? "custom" : param("range") || fallback}
        onChange={(e) => choose(e.currentTarget.value)}>
        {all && <option value="">All that is kept</option>}
        {ranges.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
        <option value="custom">From … to …</option>
      </select>
      {(custom || editing) && <><Moment name="start" label="From" /><Moment name="end" label="To" /></>}
    </span>
  );
}

function Moment({ name, label }: { name: "start" | "end"; label: string }) {
  const ms = millis(param(name));
  const change = (text: string) =>
    refine({ [name]: text && new Date(text).getTime(), range: "", before: "" });
  return (
    <Field type="datetime-local" step="1" aria-label={label} value={ms === undefined ? "" : localText(ms)} commit={change} />
  );
}

// localText is how a datetime-local field writes a time.
function localText(ms: number): string {
  const offset = new Date(ms).getTimezoneOffset() * minute;
  return new Date(ms - offset).toISOString().slice(0, 19);
}
