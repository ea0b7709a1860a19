import { get, type Metric, type MetricData } from "../api";
import { Empty, FirstScreen, Loading, Problem } from "../components/empty";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { useData } from "../data";
import { counted, iso, number, seconds } from "../format";
import { useKeys } from "../keys";
import { stepFocus } from "../rows";
import { href, param, refine, route } from "../router";
import { useRef, useState } from "preact/hooks";
import { Chart } from "./chart";

const statistics = ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p95", "p99"];
const periods: [seconds: string, text: string][] = [
  ["1", "1 second"], ["10", "10 seconds"], ["30", "30 seconds"], ["60", "1 minute"], ["300", "5 minutes"], ["3600", "1 hour"],
];
const defaultRange = "15m";
const defaultPeriod = "60";

export function Page() {
  const metrics = useData("metrics", (signal) => get<{ metrics: Metric[] }>("metrics", {}, signal));
  const list = metrics.value?.metrics;
  if (metrics.error && !list) return <Problem text={metrics.error} />;
  if (!list) return <Loading />;
  if (list.length === 0) return <FirstScreen />;
  const chosen = list.find(isChosen);
  return (
    <div class="page sided">
      <Browser list={list} chosen={chosen} />
      {chosen
        ? <Graph metric={chosen} />
        : <Empty title="Choose a metric."><p>{counted(list.length, "metric")} in {counted(new Set(list.map((m) => m.namespace)).size, "namespace")}.</p></Empty>}
    </div>
  );
}

const dimensionsOf = (metric: Metric) => metric.dimensions.map((d) => d.name + "=" + d.value);

function isChosen(metric: Metric): boolean {
  return metric.namespace === param("namespace") && metric.name === param("name")
    && dimensionsOf(metric).sort().join() === route.value.params.getAll("dimension").sort().join();
}

function Browser({ list, chosen }: { list: Metric[]; chosen: Metric | undefined }) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const side = useRef<HTMLElement>(null);
  useKeys({ "/": () => input.current?.focus(), j: () => stepFocus(side.current, 1), k: () => stepFocus(side.current, -1) });
  const words = text.toLowerCase().split(/\s+/);
  const shown = list.filter((metric) => {
    const whole = [metric.namespace, metric.name, ...dimensionsOf(metric)].join(" ").toLowerCase();
    return words.every((word) => whole.includes(word));
  });
  const namespaces = Map.groupBy(shown, (metric) => metric.namespace);
  return (
    <nav class="side" aria-label="Metrics" ref={side}>
      <input ref={input} type="search" aria-label="Find a metric" placeholder="Find a metric" value={text} onInput={(e) => setText(e.currentTarget.value)} />
      {shown.length === 0 && <p class="note">No metric has this in its name or dimensions.</p>}
      {[...namespaces].map(([namespace, metrics]) => (
        <section key={namespace}>
          <h2>{namespace} <span class="dim">{metrics.length}</span></h2>
          {[...Map.groupBy(metrics, (metric) => metric.name)].map(([name, list]) => <Choices key={name} name={name} list={list} chosen={chosen} />)}
        </section>
      ))}
    </nav>
  );
}

// Choices is the metrics of one name, told apart by the dimensions in which
// they differ.
function Choices({ name, list, chosen }: { name: string; list: Metric[]; chosen: Metric | undefined }) {
  const common = dimensionsOf(list[0]).filter((one) => list.length > 1 && list.every((metric) => dimensionsOf(metric).includes(one)));
  return (
    <section>
      <h3>{name}</h3>
      <ul>
        {list.map((metric) => {
          const dimensions = dimensionsOf(metric).filter((one) => !common.includes(one));
          return <Choice key={dimensions.join()} metric={metric} dimensions={dimensions} current={metric === chosen} />;
        })}
      </ul>
    </section>
  );
}

function Choice({ metric, dimensions, current }: { metric: Metric; dimensions: string[]; current: boolean }) {
  const address = href("metrics", "", {
    namespace: metric.namespace, name: metric.name, dimension: dimensionsOf(metric),
    stat: param("stat"), period: param("period"), range: param("range"), start: param("start"), end: param("end"),
  });
  return (
    <li>
      <a data-row href={address} aria-current={current ? "true" : undefined} title={[metric.name, ...dimensionsOf(metric)].join("\n")}>
        {dimensions.length === 0 ? <span>no dimension</span> : dimensions.map((one) => <span key={one}>{one.replace("=", " = ")}</span>)}
      </a>
    </li>
  );
}

function Graph({ metric }: { metric: Metric }) {
  const stat = param("stat") || "Average";
  const period = param("period") || defaultPeriod;
  const dimension = dimensionsOf(metric);
  const key = ["data", metric.namespace, metric.name, ...dimension, stat, period, rangeKey()].join("|");
  const range = rangeNow(defaultRange);
  const data = useData(key, (signal) => get<MetricData>("metrics/data", {
    namespace: metric.namespace, name: metric.name, dimension, stat, period, ...rangeNow(defaultRange),
  }, signal));
  const points = data.value;
  const unit = points?.unit && points.unit !== "None" ? points.unit : "";
  return (
    <section class="content graph" aria-label={"Graph of " + metric.name}>
      <div class="filters">
        <div class="graph-title">
          <h1>{metric.name}</h1>
          <p class="note">{[metric.namespace, ...metric.dimensions.map((d) => `${d.name} = ${d.value}`)].join(" · ")}</p>
        </div>
        <select aria-label="Statistic" value={stat} onChange={(e) => refine({ stat: e.currentTarget.value })}>
          {statistics.map((name) => <option key={name}>{name}</option>)}
        </select>
        <select aria-label="Period" value={period} onChange={(e) => refine({ period: e.currentTarget.value })}>
          {periods.map(([seconds, text]) => <option key={seconds} value={seconds}>{text}</option>)}
        </select>
        <RangePicker fallback={defaultRange} all={false} />
      </div>
      <Problem text={data.error} />
      {points && (points.timestamps.length === 0
        ? <Empty title="No data in this time."><p>Choose a longer time range.</p></Empty>
        : <div class={data.fresh ? "" : "stale"}>
          <Chart label={stat + (unit && ", " + unit)} data={points} periodMs={Number(period) * 1000} start={range.start} end={range.end} />
          <Twin data={points} stat={stat} unit={unit} />
        </div>)}
    </section>
  );
}

// Twin is the graph as a table, newest first.
function Twin({ data, stat, unit }: { data: MetricData; stat: string; unit: string }) {
  return (
    <table class="rows twin">
      <caption class="hidden">The values of the graph</caption>
      <thead><tr><th scope="col">Time</th><th scope="col" class="num">{stat} {unit && <span class="dim">{unit}</span>}</th></tr></thead>
      <tbody>
        {data.timestamps.map((at, i) => (
          <tr key={at}><td title={iso(at)}>{seconds(at)}</td><td class="num">{number(data.values[i])}</td></tr>
        )).reverse()}
      </tbody>
    </table>
  );
}
