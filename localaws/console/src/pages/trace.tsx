import { useEffect, useMemo, useState } from "preact/hooks";
import { get, type LogEvent, type LogPage, type Trace as TraceData } from "../api";
import { Copy } from "../components/copy";
import { Empty, Loading, Problem } from "../components/empty";
import { objectOf, textOf } from "../components/facts";
import { JsonView } from "../components/json";
import { StatusMark } from "../components/status";
import { useData } from "../data";
import { counted, dateTime, duration, iso } from "../format";
import { useKeys } from "../keys";
import { href, param, refine, route } from "../router";
import { serviceClass } from "../services";
import { LogLines } from "./loglines";
import { Minimap } from "./minimap";
import { SpanPanel } from "./span";
import { Waterfall } from "./waterfall";

const settled = 60_000; // after that a trace is not expected to grow
const logLimit = 500;

const views = [["", "Timeline"], ["raw", "Raw documents"], ["logs", "Logs"]] as const;

export function Trace() {
  const id = route.value.part;
  const [growing, setGrowing] = useState(true);
  const trace = useData("trace|" + id, (signal) => get<TraceData>("traces/" + encodeURIComponent(id), {}, signal), growing);
  const logs = useData("logs|" + id, (signal) => get<LogPage>(`traces/${encodeURIComponent(id)}/logs`, { limit: logLimit }, signal), growing);
  useEffect(() => {
    if (!trace.value) return;
    const left = trace.value.start + trace.value.duration + settled - Date.now();
    const timer = setTimeout(() => setGrowing(false), Math.max(0, left));
    return () => clearTimeout(timer);
  }, [trace.value]);

  if (!trace.value) {
    if (!trace.error) return <Loading />;
    return <Empty title="This trace is not here."><p>{trace.error}</p><p><a href={href("traces")}>Go to the traces</a></p></Empty>;
  }
  return (
    <div class="page trace">
      <Head trace={trace.value} logCount={logs.value?.events.length ?? 0} />
      <Problem text={trace.error || logs.error} />
      {param("view") === "raw" && <RawDocuments trace={trace.value} />}
      {param("view") === "logs" && <TraceLogs id={id} page={logs.value} />}
      {param("view") === "" && <Timeline trace={trace.value} logs={logs.value?.events ?? []} />}
    </div>
  );
}

function Head({ trace, logCount }: { trace: TraceData; logCount: number }) {
  const { columns } = trace;
  const services = useMemo(() => [...new Set(columns.service)].filter(Boolean), [columns]);
  const request = objectOf(objectOf(trace.documents.find((d) => d.id === columns.id[0])?.document.http).request);
  return (
    <header class="trace-head">
      <div class="crumbs">
        <a href={href("traces")}>Traces</a><span aria-hidden="true">/</span><code>{trace.id}</code>
        <Copy text={trace.id} what="the trace id" />
      </div>
      <div class="trace-title">
        <h1>{columns.name[0] ?? trace.id}</h1>
        {request.url && <span>{textOf(request.method)} {textOf(request.url)}</span>}
        <StatusMark status={trace.status} />
        <span title={iso(trace.start)}>{dateTime(trace.start)}</span>
        <b>{duration(trace.duration)}</b>
        <span>{counted(columns.id.length, "span")}</span>
        {trace.partial && <span class="tag">in progress</span>}
        <span class="legend">{services.map((name) => <span key={name} class={"service " + serviceClass(name)}>{name}</span>)}</span>
      </div>
      <nav class="tabs" aria-label="Views of the trace">
        {views.map(([view, title]) => (
          <a key={view} href={href("traces", trace.id, { view, span: param("span") })} aria-current={param("view") === view ? "page" : undefined}>
            {title}{view === "logs" && <span class="badge plain">{logCount}</span>}
          </a>
        ))}
      </nav>
    </header>
  );
}

function Timeline({ trace, logs }: { trace: TraceData; logs: LogPage["events"] }) {
  const { columns } = trace;
  const selected = columns.id.indexOf(param("span"));
  const wrong = useMemo(() => columns.status.flatMap((status, i) => (status === "ok" ? [] : [i])), [columns]);
  const select = (index: number) => {
    const id = columns.id[index];
    if (id) refine({ span: id }, selected < 0 ? "push" : "replace");
  };
  const hop = (by: 1 | -1) => {
    const next = by > 0 ? wrong.find((i) => i > selected) ?? wrong[0] : wrong.findLast((i) => i < selected) ?? wrong.at(-1);
    if (next !== undefined) select(next);
  };
  useKeys({
    e: () => hop(1),
    E: () => hop(-1),
    r: () => { if (selected >= 0) refine({ tab: param("tab") === "raw" ? "" : "raw" }, "replace"); },
    Escape: () => { if (selected >= 0) refine({ span: "", tab: "" }); },
  });
  return (
    <div class="timeline">
      <div class="timeline-main">
        <div class="timeline-tools">
          <Minimap trace={trace} />
          <span class="errors">
            {wrong.length === 0 ? "No errors" : counted(wrong.length, "span") + " went wrong"}
            <button type="button" class="button small" disabled={wrong.length === 0} onClick={() => hop(-1)} title="Previous error (E)">Previous</button>
            <button type="button" class="button small" disabled={wrong.length === 0} onClick={() => hop(1)} title="Next error (e)">Next</button>
          </span>
        </div>
        <Waterfall trace={trace} selected={selected} select={select} />
      </div>
      {selected >= 0 && <SpanPanel key={columns.id[selected]} trace={trace} index={selected} logs={logs} />}
    </div>
  );
}

function RawDocuments({ trace }: { trace: TraceData }) {
  const all = () => JSON.stringify(trace.documents.map((d) => d.document), null, 2);
  return (
    <div class="scroll raw">
      <p class="note">
        {counted(trace.documents.length, "segment document")}, as BatchGetTraces returns them. <Copy text={all} what="all documents" label="Copy all" />
      </p>
      {trace.documents.map(({ id, document }, i) => <RawDocument key={id} id={id} document={document} opened={i === 0} />)}
    </div>
  );
}

function RawDocument({ id, document, opened }: { id: string; document: TraceData["documents"][0]["document"]; opened: boolean }) {
  const [open, setOpen] = useState(opened);
  return (
    <details open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary><code>{id}</code> {typeof document.name === "string" && document.name}</summary>
      {open && <><Copy text={() => JSON.stringify(document, null, 2)} what="this document" label="Copy" /><JsonView value={document} /></>}
    </details>
  );
}

function TraceLogs({ id, page }: { id: string; page: LogPage | null }) {
  if (!page) return null;
  if (page.events.length === 0) {
    return <Empty title="No log line names this trace."><p>A line belongs to a trace if its text has the trace's id, in X-Ray's or W3C's form.</p></Empty>;
  }
  return (
    <div class="scroll">
      <p class="paging"><a href={toInsights(id, page.events)}>Query these lines in Insights</a></p>
      <LogLines events={page.events} inTrace={id} />
    </div>
  );
}

// toInsights asks for the lines that have the trace's id, in either form.
function toInsights(id: string, events: LogEvent[]): string {
  const hex = id.replace(/^1-/, "").replace("-", "");
  const query = `fields @timestamp, @message\n| filter @message like /${id}|${hex}/\n| sort @timestamp`;
  return href("logs", "insights", { group: [...new Set(events.map((event) => event.group))], query });
}
