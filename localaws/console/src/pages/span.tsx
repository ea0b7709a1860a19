import { get, type JsonObject, type LogEvent, type Trace } from "../api";
import { Copy } from "../components/copy";
import { Problem } from "../components/empty";
import { Facts, flatten, objectOf, textOf, type Fact } from "../components/facts";
import { CloseIcon } from "../components/icons";
import { JsonView } from "../components/json";
import { StatusMark } from "../components/status";
import { useData } from "../data";
import { dateTime, duration } from "../format";
import { param, refine } from "../router";
import { serviceClass } from "../services";
import { LogLines } from "./loglines";

interface Props {
  trace: Trace;
  index: number;
  logs: LogEvent[];
}

// SpanPanel tells all about one span: what it says, its log lines, and the
// document as it came.
export function SpanPanel({ trace, index, logs }: Props) {
  const { columns } = trace;
  const id = columns.id[index];
  const address = `traces/${encodeURIComponent(trace.id)}/spans/${encodeURIComponent(id)}`;
  const span = useData(address, (signal) => get<{ document: JsonObject }>(address, {}, signal), columns.inProgress[index]);
  const lines = logs.filter((event) => event.spanId === id);
  const tab = param("tab");
  const tabs = [["", "Details"], ["logs", "Log lines"], ["raw", "Raw document"]] as const;
  return (
    <aside class="span-panel" aria-label="Selected span">
      <header>
        <h2><i class={"dot " + serviceClass(columns.service[index])} />{columns.name[index]}</h2>
        <button type="button" class="button icon-only" aria-label="Close" title="Close (Escape)" onClick={() => refine({ span: "", tab: "" })}><CloseIcon /></button>
      </header>
      <div class="tabs" role="tablist">
        {tabs.map(([value, title]) => (
          <button type="button" role="tab" key={value} aria-selected={tab === value} onClick={() => refine({ tab: value }, "replace")}>
            {title}{value === "logs" && <span class="badge plain">{lines.length}</span>}
          </button>
        ))}
      </div>
      <Problem text={span.error} />
      <div class="panel-body" role="tabpanel">
        {tab === "" && <Details trace={trace} index={index} document={span.value?.document ?? {}} />}
        {tab === "logs" && (lines.length > 0
          ? <LogLines events={lines} inTrace={trace.id} />
          : <p class="note">No log line names this span. Lines of other spans are under Logs above.</p>)}
        {tab === "raw" && span.value && <>
          <Copy text={() => JSON.stringify(span.value?.document, null, 2)} what="the raw document" label="Copy" />
          <JsonView value={span.value.document} />
        </>}
      </div>
    </aside>
  );
}

const shownApart = new Set([
  "name", "id", "parent_id", "trace_id", "start_time", "end_time", "type", "namespace", "in_progress", "origin", "user",
  "error", "fault", "throttle", "http", "sql", "aws", "annotations", "metadata", "cause", "service", "subsegments",
]);

function Details({ trace, index, document }: { trace: Trace; index: number; document: JsonObject }) {
  const { columns } = trace;
  const facts: Fact[] = [
    ["Status", <StatusMark key="status" status={columns.status[index]} />],
    ["Service", columns.service[index]],
    ["Kind", columns.kind[index] + (columns.namespace[index] ? ", " + columns.namespace[index] : "")],
    ["Start", `${dateTime(trace.start + columns.start[index])} (+ ${duration(columns.start[index])})`],
    ["Duration", columns.inProgress[index] ? "in progress" : duration(columns.duration[index])],
    ["Origin", textOf(document.origin)],
    ["User", textOf(document.user)],
    ["Version", textOf(objectOf(document.service).version)],
    ["Id", <code key="id">{columns.id[index]}</code>],
    ["Parent", textOf(document.parent_id)],
  ];
  const rest = Object.fromEntries(Object.entries(document).filter(([name]) => !shownApart.has(name)));
  const metadata = objectOf(document.metadata);
  return (
    <>
      <Facts facts={facts} />
      <Cause cause={document.cause} />
      <Facts title="HTTP" facts={flatten(document.http)} />
      <Facts title="SQL" facts={flatten(document.sql)} />
      <Facts title="Annotations" facts={flatten(document.annotations)} />
      {Object.entries(metadata).map(([space, value]) => (
        <Facts key={space} title={space === "default" ? "Metadata" : "Metadata: " + space} facts={flatten(value)} />
      ))}
      <Facts title="AWS" facts={flatten(document.aws)} />
      <Facts title="More" facts={flatten(rest)} />
    </>
  );
}

function Cause({ cause }: { cause: JsonObject[string] | undefined }) {
  if (typeof cause === "string") return <Facts title="Exception" facts={[["cause", "the exception " + cause + ", told where it was thrown"]]} />;
  const list = objectOf(cause).exceptions;
  if (!Array.isArray(list)) return <Facts title="Cause" facts={flatten(cause)} />;
  return (
    <section class="facts">
      <h3>{list.length === 1 ? "Exception" : "Exceptions"}</h3>
      {list.map(objectOf).map((exception, i) => (
        <div class="exception" key={textOf(exception.id) || i}>
          <b>{textOf(exception.type) || "exception"}</b> <span>{textOf(exception.message)}</span>
          {exception.remote === true && <span class="tag">remote</span>}
          <Stack stack={exception.stack} />
        </div>
      ))}
    </section>
  );
}

function Stack({ stack }: { stack: JsonObject[string] | undefined }) {
  if (!Array.isArray(stack) || stack.length === 0) return null;
  return (
    <ol class="stack">
      {stack.map(objectOf).map((frame, i) => (
        <li key={i}><code>{textOf(frame.label)}</code> <span class="dim">{textOf(frame.path)}{frame.line ? ":" + textOf(frame.line) : ""}</span></li>
      ))}
    </ol>
  );
}
