import { useEffect, useRef } from "preact/hooks";
import { get, type TracePage, type TraceSummary } from "../api";
import { Empty, FirstScreen, Loading, Problem } from "../components/empty";
import { QueryBox } from "../components/query";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { StatusMark, statuses, statusText } from "../components/status";
import { useData } from "../data";
import { count, dateTime, duration, iso } from "../format";
import { useHeld } from "../held";
import { useKeys } from "../keys";
import { overview } from "../live";
import { stepFocus } from "../rows";
import { href, param, refine } from "../router";
import { serviceClass } from "../services";

const pageSize = 100;

const examples: [string, string][] = [
  ["fault", "traces in which something failed, 5xx"],
  ["responsetime > 0.5", "slower than half a second"],
  ['service("shop-web") { error }', "an error in one service, handled or not"],
  ['http.url CONTAINS "/api/" AND http.method = "POST"', "by the request"],
  ['annotation.product = "lamp"', "by an annotation"],
];

export function Traces() {
  const before = param("before");
  const key = [param("service"), param("status"), param("q"), rangeKey(), before].join("|");
  const page = useData("traces|" + key, (signal) => get<TracePage>("traces", {
    service: param("service"), status: param("status"), q: param("q"), ...rangeNow(), before, limit: pageSize,
  }, signal), before === "");
  const filtered = ["service", "status", "q", "range", "start", "end", "before"].some((name) => param(name));

  if (overview.value && overview.value.traces === 0 && !filtered) return <FirstScreen />;
  return (
    <div class="page">
      <Filters error={param("q") ? page.error : ""} />
      <Problem text={param("q") ? "" : page.error} />
      {!page.value && !page.error && <Loading />}
      {page.value && <List key={key} page={page.value} fresh={page.fresh} filtered={filtered} />}
    </div>
  );
}

function Filters({ error }: { error: string }) {
  return (
    <div class="filters">
      <QueryBox name="q" label="X-Ray filter expression" error={error} examples={examples}
        placeholder='Filter expression, e.g. service("shop-web") { fault } AND responsetime > 0.5' />
      <select aria-label="Service" value={param("service")} onChange={(e) => refine({ service: e.currentTarget.value, before: "" })}>
        <option value="">All services</option>
        {[...new Set([...(overview.value?.services ?? []), param("service")])].filter(Boolean).sort().map((name) => (
          <option key={name} value={name}>{name}</option>
        ))}
      </select>
      <div class="segments" role="group" aria-label="Status">
        <button type="button" aria-pressed={!param("status")} onClick={() => refine({ status: "", before: "" })}>All</button>
        {statuses.map((status) => (
          <button type="button" key={status} aria-pressed={param("status") === status} onClick={() => refine({ status, before: "" })}>
            <StatusMark status={status} />
          </button>
        ))}
      </div>
      <RangePicker />
    </div>
  );
}

function List({ page, fresh, filtered }: { page: TracePage; fresh: boolean; filtered: boolean }) {
  const scroller = useRef<HTMLDivElement>(null);
  const reading = () => {
    const at = scroller.current;
    return at !== null && (at.scrollTop > 4 || at.contains(document.activeElement));
  };
  const { rows, waiting, release } = useHeld(page.traces, (trace) => trace.id, reading);
  const showNew = () => {
    (document.activeElement as HTMLElement | null)?.blur();
    scroller.current?.scrollTo({ top: 0 });
    release();
  };
  useKeys({ j: () => stepFocus(scroller.current, 1), k: () => stepFocus(scroller.current, -1) });
  useEffect(() => {
    const at = scroller.current;
    at?.addEventListener("focusout", release);
    return () => at?.removeEventListener("focusout", release);
  }, []);

  if (rows.length === 0) {
    return filtered
      ? <Empty title="No trace matches."><p>Widen the time range or <a href={href("traces")}>clear the filters</a>.</p></Empty>
      : null;
  }
  const slowest = Math.max(...rows.map((trace) => trace.duration));
  return (
    <div class={"list" + (fresh ? "" : " stale")} aria-busy={!fresh}>
      {waiting > 0 && (
        <div class="pill" role="status"><button type="button" class="button" onClick={showNew}>↑ {count(waiting)} new</button></div>
      )}
      <div class="scroll" ref={scroller}>
        <table class="rows traces">
          <thead>
            <tr>
              <th scope="col">Status</th><th scope="col">Time</th><th scope="col">Request</th><th scope="col">HTTP</th>
              <th scope="col" class="num">Duration</th><th scope="col" class="wide">Services</th><th scope="col" class="num">Spans</th><th scope="col" class="wide">Trace</th>
            </tr>
          </thead>
          <tbody>{rows.map((trace) => <Row key={trace.id} trace={trace} slowest={slowest} />)}</tbody>
        </table>
        <nav class="paging" aria-label="Paging">
          {param("before") && <a href={href("traces", "", { ...filters(), before: "" })}>Newest</a>}
          {page.next ? <a href={href("traces", "", { ...filters(), before: page.next })}>Older traces</a> : <span class="note">No older traces.</span>}
        </nav>
      </div>
    </div>
  );
}

function filters() {
  const names = ["service", "status", "q", "range", "start", "end"];
  return Object.fromEntries(names.map((name) => [name, param(name)]));
}

function Row({ trace, slowest }: { trace: TraceSummary; slowest: number }) {
  const address = href("traces", trace.id);
  const follow = (event: MouseEvent) => {
    if (!(event.target as Element).closest("a") && !getSelection()?.toString()) location.hash = address;
  };
  return (
    <tr class={"open " + trace.status} onClick={follow}>
      <td><StatusMark status={trace.status} /></td>
      <td class="nowrap" title={iso(trace.start)}>{dateTime(trace.start)}</td>
      <td class="request"><a href={address} data-row>{request(trace)}</a>{trace.partial && <span class="tag">in progress</span>}</td>
      <td>{trace.httpStatus || ""}</td>
      <td class="num nowrap">
        {duration(trace.duration)}
        <span class="gauge" aria-hidden="true"><i style={{ width: gauge(trace.duration, slowest) }} /></span>
      </td>
      <td class="wide">{trace.services.map((name) => <span key={name} class={"service " + serviceClass(name)}>{name}</span>)}</td>
      <td class="num">{count(trace.spans)}</td>
      <td class="wide"><code class="dim" title={trace.id}>{trace.id.slice(-8)}</code></td>
    </tr>
  );
}

// gauge compares durations by their order of magnitude: one slow trace would
// make the others look alike.
const gauge = (ms: number, slowest: number) => (100 * Math.log1p(ms)) / (Math.log1p(slowest) || 1) + "%";

// request names a trace by what was asked, else by its service and status.
function request(trace: TraceSummary): string {
  if (!trace.url) return trace.name || statusText(trace.status) + " trace";
  return (trace.method + " " + trace.url.replace(/^[a-z]+:\/\/[^/]+(?=.)/, "")).trim();
}
