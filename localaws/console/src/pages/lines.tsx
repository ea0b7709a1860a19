import { useState } from "preact/hooks";
import type { GraphLine } from "../api";
import { Field } from "../components/field";
import { CloseIcon } from "../components/icons";
import { colourOf } from "./chart";
import { freeId, type Line } from "./widget";

const statistics = ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p95", "p99", "p99.9", "IQM", "TM(10%:90%)", "PR(:100)"];
const periods: [seconds: string, text: string][] = [
  ["1", "1 second"], ["10", "10 seconds"], ["30", "30 seconds"], ["60", "1 minute"], ["300", "5 minutes"], ["3600", "1 hour"],
];

// names is what a line is called beside others.
export const names = (line: GraphLine) => (line.label === line.id ? line.id : line.id + " · " + line.label);

interface PickerProps {
  value: string;
  change: (value: string) => void;
}

const other = "other";

// StatPicker offers the usual statistics, and a field for any other.
export function StatPicker({ value, change }: PickerProps) {
  const [editing, setEditing] = useState(false);
  const choose = (name: string) => {
    setEditing(name === other);
    if (name !== other) change(name);
  };
  return (
    <span class="range">
      <select aria-label="Statistic" value={editing ? other : value} onChange={(e) => choose(e.currentTarget.value)}>
        {!statistics.includes(value) && <option key={value}>{value}</option>}
        {statistics.map((name) => <option key={name}>{name}</option>)}
        <option value={other}>Other …</option>
      </select>
      {editing && (
        <input aria-label="Other statistic" placeholder="p99.99, TM(5%:95%), TC(0:200)" size={22}
          onChange={(e) => { change(e.currentTarget.value.trim()); setEditing(false); }} />
      )}
    </span>
  );
}

export function PeriodPicker({ value, change }: PickerProps) {
  return (
    <select aria-label="Period" value={value} onChange={(e) => change(e.currentTarget.value)}>
      {!periods.some(([seconds]) => seconds === value) && <option value={value}>{value} seconds</option>}
      {periods.map(([seconds, text]) => <option key={seconds} value={seconds}>{text}</option>)}
    </select>
  );
}

interface Props {
  lines: Line[];
  stat: string;
  period: number;
  shown: string[]; // ids of the lines that are drawn, in their order
  change: (next: Line[]) => void;
}

// LineTable edits the lines: which are drawn, their statistics, and math.
export function LineTable({ lines, stat, period, shown, change }: Props) {
  const edit = (i: number, to: Partial<Line>) => change(lines.map((line, k) => (k === i ? { ...line, ...to } : line)));
  const math = () => change([...lines, { id: freeId(lines, "e"), expression: lines.find((line) => line.metric)?.id ?? "m1" }]);
  return (
    <section class="lines" aria-label="Lines of the graph">
      <table class="rows">
        <thead><tr><th scope="col">Id</th><th scope="col">Metric or expression</th><th scope="col">Statistic</th><th scope="col">Period</th><th scope="col"><span class="hidden">Remove</span></th></tr></thead>
        <tbody>
          {lines.map((line, i) => (
            <tr key={line.id}>
              <td>
                <label class="line-id">
                  <input type="checkbox" checked={!line.hidden} aria-label={"Draw " + line.id} onChange={(e) => edit(i, { hidden: e.currentTarget.checked ? undefined : true })} />
                  <span class="dot" style={{ background: shown.includes(line.id) ? `var(${colourOf(shown.indexOf(line.id), shown.length)})` : "var(--line-strong)" }} />
                  {line.id}
                </label>
              </td>
              <td class="line-what">
                {line.metric
                  ? <><b>{line.metric.name}</b> <span class="dim">{line.metric.dimensions.map(([n, v]) => `${n} = ${v}`).join(", ")}</span></>
                  : <Field class="mono" aria-label={"Expression of " + line.id} value={line.expression ?? ""} spellcheck={false} placeholder="m1 / m2 * 100"
                      commit={(expression) => edit(i, { expression })} />}
              </td>
              <td>
                {line.metric && <Field aria-label={"Statistic of " + line.id} list="statistics" size={12} value={line.stat ?? ""} placeholder={stat}
                  commit={(text) => edit(i, { stat: text.trim() || undefined })} />}
              </td>
              <td class="num">{line.period ?? period} s</td>
              <td><button type="button" class="button icon-only" aria-label={"Remove " + line.id} onClick={() => change(lines.filter((_, k) => k !== i))}><CloseIcon /></button></td>
            </tr>
          ))}
        </tbody>
      </table>
      <datalist id="statistics">{statistics.map((name) => <option key={name} value={name} />)}</datalist>
      <p class="line-tools">
        <button type="button" class="button small" onClick={math}>Add math</button>
        <span class="note">m1 / m2 * 100, SUM(METRICS()), RATE(m1), FILL(m1, 0), IF(m1 &gt; 5, 1, 0), SEARCH('…', 'Sum', 60)</span>
      </p>
    </section>
  );
}
