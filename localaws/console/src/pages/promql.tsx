import { useEffect, useRef, useState } from "preact/hooks";
import { get, type GraphLine, type OTLPMetric, type PromAnswer, type PromSeries } from "../api";
import { Empty, Environment, Loading, Problem } from "../components/empty";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { useData } from "../data";
import { count, number } from "../format";
import { useKeys } from "../keys";
import { href, param, refine } from "../router";
import { Chart, mostLines } from "./chart";
import { PeriodPicker } from "./lines";

const defaultRange = "15m";
const defaultStep = "60";

// queryOf is what one would ask of a metric first: a rate of what only grows, a
// percentile of a histogram; see CloudWatch's page on querying histograms.
function queryOf({ name, type, temporality }: OTLPMetric): string {
  const selector = `{${JSON.stringify(name)}}`;
  const recent = temporality === "delta" ? `sum_over_time(${selector}[5m])` : `rate(${selector}[5m])`;
  if (type.includes("Histogram")) return `histogram_quantile(0.99, ${recent})`;
  if (type === "Sum") return temporality === "delta" ? `${recent} / 300` : recent;
  return selector;
}

export function PromQL() {
  const data = useData("otlp", (signal) => get<{ metrics: OTLPMetric[] }>("metrics/otlp", {}, signal));
  if (data.error && !data.value) return <Problem text={data.error} />;
  if (!data.value) return <Loading />;
  const list = data.value.metrics;
  if (list.length === 0) {
    return (
      <Empty title="No metric by OTLP yet.">
        <p>PromQL reads what came to <code>/v1/metrics</code>, CloudWatch's OTLP endpoint, signed for monitoring or with the API key <code>local</code>. Metrics by PutMetricData and the embedded metric format are apart, as in AWS.</p>
        <Environment />
      </Empty>
    );
  }
  return (
    <div class="page sided">
      <nav class="side" aria-label="OTLP metrics">
        <h2>OTLP metrics <span class="dim">{list.length}</span></h2>
        <ul>
          {list.map((metric) => (
            <li key={metric.name}>
              <a href={href("metrics", "promql", { query: queryOf(metric), range: param("range"), step: param("step") })} title={metric.labels.join("\n")}
                aria-current={param("query").includes(JSON.stringify(metric.name)) ? "true" : undefined}>
                <b>{metric.name}</b>
                <span>{[metric.type, metric.temporality, metric.unit].filter(Boolean).join(" · ")} · {metric.series} series</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Query />
    </div>
  );
}

function Query() {
  const asked = param("query");
  const step = param("step") || defaultStep;
  const [text, setText] = useState(asked);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(asked), [asked]);
  useKeys({ "/": () => input.current?.focus() });
  const key = asked && ["promql", asked, step, rangeKey()].join("|");
  const data = useData(key, (signal) => get<PromAnswer>("promql", { query: asked, step, ...rangeNow(defaultRange) }, signal));
  const run = (event: Event) => {
    event.preventDefault();
    refine({ query: text.trim() });
  };
  return (
    <section class="content graph" aria-label="PromQL query">
      <form class="filters" onSubmit={run}>
        <div class={"query" + (data.error ? " wrong" : "")}>
          <div class={"query-box" + (data.error ? " wrong" : "")}>
            <input ref={input} aria-label="PromQL" value={text} spellcheck={false} autocomplete="off" placeholder={'sum by ("http.route") (rate({"http.server.requests"}[5m]))'}
              onInput={(e) => setText(e.currentTarget.value)} />
          </div>
          {data.error && <p class="query-error" role="alert">{data.error}</p>}
        </div>
        <button type="submit" class="button">Run</button>
        <PeriodPicker value={step} change={(value) => refine({ step: value })} />
        <RangePicker fallback={defaultRange} all={false} />
      </form>
      {!asked && <Empty title="Choose a metric, or write PromQL."><p>Labels are <code>@resource.service.name</code>, <code>@instrumentation.@name</code>, or an attribute's bare name; names with dots stand in quotes and braces.</p></Empty>}
      {asked && !data.error && !data.value && <Loading />}
      {asked && !data.error && data.value && <Answer answer={data.value} step={Number(step)} fresh={data.fresh} />}
    </section>
  );
}

const shownLabels = (metric: Record<string, string>, differing: Set<string>) =>
  Object.entries(metric).filter(([name]) => differing.has(name)).map(([name, value]) => `${name.startsWith("@resource.") ? name.slice(10) : name}=${value}`).join(", ");

// differing are the labels that tell the series apart; of a single one all but
// those of CloudWatch's own.
function differing(list: PromSeries[]): Set<string> {
  const names = new Set(list.flatMap((s) => Object.keys(s.metric)));
  if (list.length === 1) return new Set([...names].filter((name) => !/^(@|__)/.test(name)));
  return new Set([...names].filter((name) => list.some((s) => s.metric[name] !== list[0].metric[name])));
}

function Answer({ answer, step, fresh }: { answer: PromAnswer; step: number; fresh: boolean }) {
  const list = answer.data.result;
  const labels = differing(list);
  const range = rangeNow(defaultRange);
  const lines: GraphLine[] = list.filter((s) => s.values).map((s, i) => ({
    id: String(i), label: shownLabels(s.metric, labels) || s.metric.__name__ || "value",
    timestamps: s.values!.map(([t]) => t * 1000), values: s.values!.map(([, v]) => Number(v)),
  }));
  const whole = list.length > 0 && lines.length === 0;
  return (
    <div class={fresh ? "" : "stale"}>
      {[...answer.warnings, ...answer.infos].map((text) => <p class="note price" key={text}>{text}</p>)}
      {list.length === 0 && <Empty title="No series in this time."><p>Choose a longer time range, or fewer labels.</p></Empty>}
      {whole && <Empty title="These are whole histograms."><p>Take a number out of them: <code>histogram_quantile(0.99, …)</code>, <code>histogram_avg(…)</code>, <code>histogram_count(…)</code>.</p></Empty>}
      {lines.length > 0 && <Chart label={count(lines.length) + " series"} lines={lines.slice(0, mostLines)} periodMs={step * 1000} start={range.start} end={range.end} />}
      {lines.length > mostLines && <p class="note bin-note">The first {mostLines} of {lines.length} series are drawn.</p>}
      {lines.length > 0 && (
        <table class="rows twin">
          <caption class="hidden">The newest value of each series</caption>
          <thead><tr><th scope="col">Series</th><th scope="col" class="num">Newest value</th></tr></thead>
          <tbody>{lines.map((line) => <tr key={line.id}><td class="line-what">{line.label}</td><td class="num">{number(line.values.at(-1)!)}</td></tr>)}</tbody>
        </table>
      )}
      <p class="note price">{count(answer.series)} series and {count(answer.samples)} samples read; CloudWatch takes $0.01 for a million samples by its API.</p>
    </div>
  );
}
