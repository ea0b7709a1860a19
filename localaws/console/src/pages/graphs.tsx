import { useRef, useState } from "preact/hooks";
import { get, type Graph, type Metric } from "../api";
import { Empty, Loading, Problem } from "../components/empty";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { useData } from "../data";
import { counted, iso, number, seconds } from "../format";
import { useKeys } from "../keys";
import { stepFocus } from "../rows";
import { href, param, refine, route, type Params } from "../router";
import { Chart, mostLines } from "./chart";
import { Documents } from "./documents";
import { LineTable, names, PeriodPicker, StatPicker } from "./lines";
import { freeId, lineOf, linesOf, queriesOf, rowsOf, type Line } from "./widget";
import { Widget } from "./widgetpanel";

const defaultRange = "15m";
const defaultPeriod = "60";
const defaultStat = "Average";

const dimensionsOf = (metric: Metric) => metric.dimensions.map((d) => d.name + "=" + d.value);

// drawn are the lines of the URL: g is a widget's list of metrics, which one
// metric alone needs not.
function drawn(list: Metric[]): Line[] {
  try {
    if (param("g")) return linesOf(JSON.parse(param("g")));
  } catch {
    return [];
  }
  const asked = route.value.params.getAll("dimension").sort().join("\n");
  const metric = list.find((m) => m.namespace === param("namespace") && m.name === param("name") && dimensionsOf(m).sort().join("\n") === asked);
  return metric ? [lineOf(metric, "m1")] : [];
}

const kept = (): Params => ({ stat: param("stat"), period: param("period"), range: param("range"), start: param("start"), end: param("end") });

export function Graphs({ list }: { list: Metric[] }) {
  const lines = drawn(list);
  const change = (next: Line[]) => refine({ g: next.length > 0 ? JSON.stringify(rowsOf(next)) : "", namespace: "", name: "", dimension: "", point: "" });
  return (
    <div class="page sided">
      <Browser list={list} lines={lines} add={(metric) => change([...lines, lineOf(metric, freeId(lines, "m"))])} />
      {lines.length > 0
        ? <Drawing list={list} lines={lines} change={change} />
        : (
          <section class="content">
            <Empty title="Choose a metric.">
              <p>{counted(list.length, "metric")} in {counted(new Set(list.map((m) => m.namespace)).size, "namespace")}. Or paste the JSON of a CloudWatch widget.</p>
            </Empty>
            <Widget lines={[]} stat={defaultStat} period={Number(defaultPeriod)} range={defaultRange} open />
          </section>
        )}
    </div>
  );
}

function Browser({ list, lines, add }: { list: Metric[]; lines: Line[]; add: (metric: Metric) => void }) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const side = useRef<HTMLElement>(null);
  useKeys({ "/": () => input.current?.focus(), j: () => stepFocus(side.current, 1), k: () => stepFocus(side.current, -1) });
  const words = text.toLowerCase().split(/\s+/);
  const shown = list.filter((metric) => {
    const whole = [metric.namespace, metric.name, ...dimensionsOf(metric)].join(" ").toLowerCase();
    return words.every((word) => whole.includes(word));
  });
  const keys = new Set(lines.map((line) => line.metric && keyOf(line.metric)));
  return (
    <nav class="side" aria-label="Metrics" ref={side}>
      <input ref={input} type="search" aria-label="Find a metric" placeholder="Find a metric" value={text} onInput={(e) => setText(e.currentTarget.value)} />
      {shown.length === 0 && <p class="note">No metric has this in its name or dimensions.</p>}
      {[...Map.groupBy(shown, (metric) => metric.namespace)].map(([namespace, metrics]) => (
        <section key={namespace}>
          <h2>{namespace} <span class="dim">{metrics.length}</span></h2>
          {[...Map.groupBy(metrics, (metric) => metric.name)].map(([name, same]) => <Choices key={name} name={name} list={same} keys={keys} add={add} />)}
        </section>
      ))}
    </nav>
  );
}

const keyOf = (metric: NonNullable<Line["metric"]>) => [metric.namespace, metric.name, ...metric.dimensions.map(([n, v]) => n + "=" + v).sort()].join("\n");

interface ChoicesProps {
  name: string;
  list: Metric[];
  keys: Set<string | undefined>;
  add: (metric: Metric) => void;
}

// Choices is the metrics of one name, told apart by the dimensions in which
// they differ.
function Choices({ name, list, keys, add }: ChoicesProps) {
  const common = dimensionsOf(list[0]).filter((one) => list.length > 1 && list.every((metric) => dimensionsOf(metric).includes(one)));
  return (
    <section>
      <h3>{name}</h3>
      <ul>
        {list.map((metric) => {
          const dimensions = dimensionsOf(metric).filter((one) => !common.includes(one));
          const current = keys.has(keyOf(lineOf(metric, "").metric!));
          return (
            <li key={dimensions.join()} class="choice">
              <a data-row href={href("metrics", "", { namespace: metric.namespace, name, dimension: dimensionsOf(metric), ...kept() })}
                aria-current={current ? "true" : undefined} title={[name, ...dimensionsOf(metric)].join("\n")}>
                {dimensions.length === 0 ? <span>no dimension</span> : dimensions.map((one) => <span key={one}>{one.replace("=", " = ")}</span>)}
              </a>
              {!current && keys.size > 0 && (
                <button type="button" class="button icon-only" title="Add to the graph" aria-label={`Add ${name} ${dimensions.join(", ")} to the graph`} onClick={() => add(metric)}>+</button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Drawing({ list, lines, change }: { list: Metric[]; lines: Line[]; change: (next: Line[]) => void }) {
  const stat = param("stat") || defaultStat;
  const period = Number(param("period") || defaultPeriod);
  const range = rangeNow(defaultRange);
  const queries = JSON.stringify(queriesOf(lines, stat, period));
  const key = lines.every((line) => line.hidden) ? "" : [queries, rangeKey()].join("|");
  const data = useData(key, (signal) => get<Graph>("metrics/graph", { queries, ...rangeNow(defaultRange) }, signal));
  const answer = key ? data.value : { lines: [], messages: [] };
  const single = lines.length === 1 ? lines[0].metric : undefined;
  const unit = single && list.find((m) => keyOf(lineOf(m, "").metric!) === keyOf(single))?.unit;
  const named = unit && unit !== "None" ? unit : "";
  const shown = (answer?.lines ?? []).slice(0, mostLines);
  const points = shown.some((line) => line.timestamps.length > 0);
  const label = single ? (lines[0].stat ?? stat) + (named && ", " + named) : shown.map((line) => line.label).join("; ");
  return (
    <section class="content graph" aria-label={"Graph of " + lines.map((line) => line.metric?.name ?? line.expression).join(", ")}>
      <div class="filters">
        <div class="graph-title">
          <h1>{single?.name ?? counted(lines.length, "line")}</h1>
          <p class="note">{single ? [single.namespace, ...single.dimensions.map(([n, v]) => `${n} = ${v}`)].join(" · ") : [...new Set(lines.flatMap((line) => line.metric?.namespace ?? []))].join(" · ")}</p>
        </div>
        <StatPicker value={stat} change={(value) => refine({ stat: value })} />
        <PeriodPicker value={String(period)} change={(value) => refine({ period: value })} />
        <RangePicker fallback={defaultRange} all={false} />
      </div>
      <Problem text={data.error} />
      {answer?.messages.map((m) => <p class="problem" key={m.Code}>{m.Value}</p>)}
      {!answer && !data.error && <Loading />}
      {answer && !points && <Empty title="No data in this time."><p>Choose a longer time range.</p></Empty>}
      {points && (
        <div class={data.fresh ? "" : "stale"}>
          <Chart label={label} lines={shown.map((line) => ({ ...line, label: single && shown.length === 1 ? label : names(line) }))} periodMs={period * 1000} start={range.start} end={range.end} />
          {answer!.lines.length > mostLines && <p class="note bin-note">The first {mostLines} of {answer!.lines.length} lines are drawn.</p>}
        </div>
      )}
      <LineTable lines={lines} stat={stat} period={period} shown={shown.map((line) => line.id)} change={change} />
      <Documents lines={lines} period={period} />
      {points && <Twin answer={answer!.lines.slice(0, mostLines)} lines={lines} label={single ? lines[0].stat ?? stat : ""} unit={named} />}
      <Widget lines={lines} stat={stat} period={period} range={param("range") || defaultRange} />
    </section>
  );
}

interface TwinProps {
  answer: Graph["lines"];
  lines: Line[];
  label: string; // of a single line
  unit: string;
}

// Twin is the graph as a table, newest first. A value of a metric leads to the
// log events that made it.
function Twin({ answer, lines, label, unit }: TwinProps) {
  const times = [...new Set(answer.flatMap((line) => line.timestamps))].sort((a, b) => b - a);
  const at = answer.map((line) => new Map(line.timestamps.map((t, i) => [t, line.values[i]])));
  const asked = (id: string) => lines.some((line) => line.id === id && line.metric);
  return (
    <table class="rows twin">
      <caption class="hidden">The values of the graph</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {answer.map((line, i) => <th key={i} scope="col" class="num">{label || names(line)} {unit && <span class="dim">{unit}</span>}</th>)}
        </tr>
      </thead>
      <tbody>
        {times.map((t) => (
          <tr key={t}>
            <td title={iso(t)}>{seconds(t)}</td>
            {answer.map((line, i) => {
              const value = at[i].get(t);
              if (value === undefined) return <td key={i} class="num dim">–</td>;
              return (
                <td key={i} class="num">
                  {asked(line.id)
                    ? <button type="button" class="value" title="Show the log events behind this point" onClick={() => refine({ point: line.id + "@" + t })}>{number(value)}</button>
                    : number(value)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
