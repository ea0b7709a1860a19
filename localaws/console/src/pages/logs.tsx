import { useLayoutEffect, useRef } from "preact/hooks";
import { get, type LogEvent, type LogGroup, type LogPage, type LogStream } from "../api";
import { Empty, FirstScreen, Loading, Problem } from "../components/empty";
import { Field } from "../components/field";
import { QueryBox } from "../components/query";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { useData } from "../data";
import { bytes, count, counted, dateTime } from "../format";
import { useHeld } from "../held";
import { useKeys } from "../keys";
import { lazy } from "../lazy";
import { stepFocus } from "../rows";
import { href, param, refine, route } from "../router";
import { LogLines } from "./loglines";

const pageSize = 200;

const examples: [string, string][] = [
  ["ERROR", "lines with this word"],
  ['"payment declined"', "lines with these words together"],
  ["-health", "lines without this word"],
  ['{ $.severity = "ERROR" }', "JSON lines by a member"],
  ["{ $.attributes.status >= 500 }", "JSON lines by a number"],
];

const LiveTail = lazy(() => import("./livetail"));
const Insights = lazy(() => import("./insights"));

const views: [part: string, title: string, key: string][] = [["", "Search", "g l"], ["tail", "Live tail", "g f"], ["insights", "Insights", "g i"]];

// Logs is one of three views of the log groups, which are told by the URL.
export function Logs() {
  const groups = useData("groups", (signal) => get<{ groups: LogGroup[] }>("log-groups", {}, signal));
  const list = groups.value?.groups;
  const first = useRef(""); // which group is newest may change, which one is open must not
  if (groups.error && !list) return <Problem text={groups.error} />;
  if (!list) return <Loading />;
  if (list.length === 0) return <FirstScreen />;
  first.current ||= newest(list);
  return (
    <div class="page">
      <Views />
      <View groups={list} first={first.current} />
    </div>
  );
}

function View({ groups, first }: { groups: LogGroup[]; first: string }) {
  if (route.value.part === "tail") return <LiveTail groups={groups} first={first} />;
  if (route.value.part === "insights") return <Insights groups={groups} first={first} />;
  const group = param("group") || first;
  return (
    <div class="page sided">
      <Groups groups={groups} current={group} />
      <Lines key={group} group={group} />
    </div>
  );
}

// Views lead to the other views of the same groups.
function Views() {
  const { part, params } = route.value;
  const kept = { group: params.getAll("group"), range: param("range"), start: param("start"), end: param("end") };
  return (
    <header class="page-head compact">
      <nav class="tabs" aria-label="Views of the logs">
        {views.map(([view, title, key]) => (
          <a key={view} href={href("logs", view, view ? kept : { ...kept, group: kept.group[0] })} aria-current={part === view ? "page" : undefined} title={`${title} (${key})`}>{title}</a>
        ))}
      </nav>
    </header>
  );
}

function newest(groups: LogGroup[]): string {
  return groups.reduce((a, b) => (b.lastEvent > a.lastEvent ? b : a)).name;
}

function Groups({ groups, current }: { groups: LogGroup[]; current: string }) {
  return (
    <nav class="side" aria-label="Log groups">
      <h2>Log groups</h2>
      <ul>
        {groups.map((group) => (
          <li key={group.name}>
            <a href={href("logs", "", { group: group.name, pattern: param("pattern"), range: param("range") })} aria-current={group.name === current ? "true" : undefined}>
              <b>{group.name}</b>
              <span>{counted(group.events, "event")} · {counted(group.streams, "stream")} · {bytes(group.storedBytes)}</span>
              {group.lastEvent > 0 && <span>last {dateTime(group.lastEvent)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Lines({ group }: { group: string }) {
  const before = param("before");
  const key = ["lines", group, param("stream"), param("pattern"), rangeKey(), before].join("|");
  const page = useData(key, (signal) => get<LogPage>("logs", {
    group, stream: param("stream"), pattern: param("pattern"), ...rangeNow(), before, limit: pageSize,
  }, signal), before === "");
  const streams = useData("streams|" + group, (signal) => get<{ streams: LogStream[] }>("log-streams", { group }, signal), false);
  return (
    <section class="content" aria-label={"Log events of " + group}>
      <div class="filters">
        <QueryBox name="pattern" label="Filter pattern" error={param("pattern") ? page.error : ""} examples={examples}
          placeholder='Filter pattern, e.g. { $.severity = "ERROR" }' />
        <Field type="text" class="stream" aria-label="Stream" placeholder="Stream" value={param("stream")} spellcheck={false} list="streams"
          commit={(text) => refine({ group, stream: text.trim(), before: "" })} />
        <datalist id="streams">{streams.value?.streams.map(({ name }) => <option key={name} value={name} />)}</datalist>
        <RangePicker />
      </div>
      <Problem text={param("pattern") ? "" : page.error} />
      {!page.value && !page.error && <Loading />}
      {page.value && page.value.events.length === 0 && <Empty title="No log event matches." />}
      {page.value && page.value.events.length > 0 && <Tail key={key} page={page.value} fresh={page.fresh} group={group} />}
    </section>
  );
}

// Tail shows the newest lines last and follows them, unless the reader has
// scrolled up.
function Tail({ page, fresh, group }: { page: LogPage; fresh: boolean; group: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const { rows, waiting, release } = useHeld(page.events, eventKey, () => !following.current || (scroller.current?.contains(document.activeElement) ?? false));
  useLayoutEffect(() => {
    const aimed = param("at") && scroller.current?.querySelector(".aimed");
    if (!aimed) return;
    following.current = false;
    aimed.scrollIntoView({ block: "center" });
  }, []);
  useLayoutEffect(() => {
    if (following.current) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [rows]);
  useKeys({ j: () => stepFocus(scroller.current, 1), k: () => stepFocus(scroller.current, -1) });
  const scrolled = () => {
    const at = scroller.current;
    if (at) following.current = at.scrollHeight - at.scrollTop - at.clientHeight < 30;
  };
  const follow = () => {
    (document.activeElement as HTMLElement | null)?.blur();
    following.current = true;
    release();
  };
  const filters = { group, stream: param("stream"), pattern: param("pattern"), range: param("range"), start: param("start"), end: param("end") };
  return (
    <div class={"list" + (fresh ? "" : " stale")} aria-busy={!fresh}>
      <div class="scroll" ref={scroller} onScroll={scrolled}>
        <nav class="paging" aria-label="Paging">
          {page.next ? <a href={href("logs", "", { ...filters, before: page.next })}>Older lines</a> : <span class="note">No older lines.</span>}
          {param("before") && <a href={href("logs", "", filters)}>Newest</a>}
        </nav>
        <LogLines events={rows} />
      </div>
      {waiting > 0 && <div class="pill low" role="status"><button type="button" class="button" onClick={follow}>↓ {count(waiting)} new</button></div>}
    </div>
  );
}

const eventKey = (event: LogEvent) => `${event.stream}|${event.timestamp}|${event.message}`;
