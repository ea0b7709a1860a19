import { get, type Alarm, type Graph } from "../api";
import { Empty, Loading, Problem } from "../components/empty";
import { useData } from "../data";
import { number, seconds } from "../format";
import { href, param } from "../router";
import { Chart, mostLines } from "./chart";
import { linesOfQueries, rowsOf } from "./widget";

const operators: Record<string, string> = {
  GreaterThanThreshold: ">", GreaterThanOrEqualToThreshold: "≥", LessThanThreshold: "<", LessThanOrEqualToThreshold: "≤",
};
const states: Record<Alarm["state"], [text: string, kind: string]> = {
  ALARM: ["In alarm", "fault"], OK: ["OK", "ok"], INSUFFICIENT_DATA: ["Insufficient data", "none"],
};
const order: Alarm["state"][] = ["ALARM", "INSUFFICIENT_DATA", "OK"];
const least = 10; // periods that a graph shows

const State = ({ of }: { of: Alarm }) => <span class={"alarm-state " + states[of.state][1]}>{states[of.state][0]}</span>;

export function Alarms() {
  const data = useData("alarms", (signal) => get<{ alarms: Alarm[] }>("alarms", {}, signal));
  if (data.error && !data.value) return <Problem text={data.error} />;
  if (!data.value) return <Loading />;
  const list = [...data.value.alarms].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  if (list.length === 0) {
    return (
      <Empty title="No alarm yet.">
        <p>One comes by PutMetricAlarm, and is evaluated here as CloudWatch does it:</p>
        <pre class="plain">{"aws cloudwatch put-metric-alarm --alarm-name slow --namespace Shop --metric-name Latency \\\n  --extended-statistic p99 --period 60 --evaluation-periods 2 --threshold 500 \\\n  --comparison-operator GreaterThanThreshold"}</pre>
      </Empty>
    );
  }
  const current = list.find((alarm) => alarm.name === param("alarm")) ?? list[0];
  return (
    <div class="page sided">
      <nav class="side" aria-label="Alarms">
        <h2>Alarms <span class="dim">{list.length}</span></h2>
        <ul>
          {list.map((alarm) => (
            <li key={alarm.name}>
              <a href={href("metrics", "alarms", { alarm: alarm.name })} aria-current={alarm === current ? "true" : undefined}>
                <b>{alarm.name}</b>
                <span><State of={alarm} /> since {seconds(alarm.changed)}</span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <One key={current.name} alarm={current} />
    </div>
  );
}

function One({ alarm }: { alarm: Alarm }) {
  const period = Math.max(...alarm.queries.map((q) => q.MetricStat?.Period ?? q.Period ?? 60));
  const range = () => ({ start: Date.now() - period * 1000 * Math.max(least, 3 * alarm.periods) });
  const queries = JSON.stringify(alarm.queries);
  const data = useData("alarm|" + alarm.name + queries, (signal) => get<Graph>("metrics/graph", { queries, ...range() }, signal));
  const lines = (data.value?.lines ?? []).slice(0, mostLines);
  return (
    <section class="content graph" aria-label={"Alarm " + alarm.name}>
      <div class="filters">
        <div class="graph-title">
          <h1>{alarm.name} <State of={alarm} /></h1>
          <p class="note">
            {operators[alarm.operator] ?? alarm.operator} {number(alarm.threshold)} for {alarm.toAlarm} of {alarm.periods} periods of {period} s · missing data: {alarm.missing}
            {!alarm.actions && " · actions off"}
          </p>
        </div>
        <a class="button" href={href("metrics", "", { g: JSON.stringify(rowsOf(linesOfQueries(alarm.queries))), period })}>Open the graph</a>
      </div>
      {alarm.description && <p class="note price">{alarm.description}</p>}
      <p class="alarm-reason">{alarm.reason}</p>
      <Problem text={data.error} />
      {lines.some((line) => line.timestamps.length > 0) && <Chart label={"the alarm's metric and threshold"} lines={lines} periodMs={period * 1000} start={range().start} threshold={alarm.threshold} />}
      <table class="rows costs">
        <caption>History</caption>
        <tbody>{alarm.history.map((h, i) => <tr key={i}><td>{seconds(h.at)}</td><td>{h.summary}</td></tr>)}</tbody>
      </table>
    </section>
  );
}
