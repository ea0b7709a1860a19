import { FirstScreen, Loading, Problem } from "../components/empty";
import { get, type Metric } from "../api";
import { useData } from "../data";
import { href, param, route } from "../router";
import { Alarms } from "./alarms";
import { Cardinality } from "./cardinality";
import { Graphs } from "./graphs";
import { PromQL } from "./promql";

const views: [part: string, title: string][] = [["", "Graph"], ["alarms", "Alarms"], ["cost", "Series and cost"], ["promql", "PromQL"]];

// Page is one of four views of metrics, which are told by the URL.
export function Page() {
  const { part } = route.value;
  return (
    <div class="page">
      <header class="page-head compact">
        <nav class="tabs" aria-label="Views of the metrics">
          {views.map(([view, title]) => (
            <a key={view} aria-current={part === view ? "page" : undefined}
              href={href("metrics", view, { range: param("range"), start: param("start"), end: param("end") })}>{title}</a>
          ))}
        </nav>
      </header>
      {part === "promql" ? <PromQL /> : <CloudWatch part={part} />}
    </div>
  );
}

// CloudWatch is what PutMetricData and the embedded metric format brought.
function CloudWatch({ part }: { part: string }) {
  const metrics = useData("metrics", (signal) => get<{ metrics: Metric[] }>("metrics", {}, signal));
  if (part === "alarms") return <Alarms />;
  const list = metrics.value?.metrics;
  if (metrics.error && !list) return <Problem text={metrics.error} />;
  if (!list) return <Loading />;
  if (list.length === 0) return <FirstScreen />;
  return part === "cost" ? <Cardinality /> : <Graphs list={list} />;
}
