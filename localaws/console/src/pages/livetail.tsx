import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, type LogGroup, type LogStream } from "../api";
import { Empty, Problem } from "../components/empty";
import { chosenGroups, GroupPicker } from "../components/groups";
import { PauseIcon, PlayIcon } from "../components/icons";
import { QueryBox } from "../components/query";
import { RuleBox } from "../components/rulebox";
import { useData } from "../data";
import { count, counted } from "../format";
import { useKeys } from "../keys";
import { paused } from "../live";
import { openTrace, stepFocus } from "../rows";
import { param, refine, route } from "../router";
import { keptLines, useTail, type TailLine } from "../tailstream";
import { passes, rule, type Rule } from "../textrules";
import { LogLine } from "./loglines";

const mostGroups = 10; // of StartLiveTail
const atEnd = 30; // pixels from it that count as there

const examples: [string, string][] = [
  ["ERROR", "lines with this word"],
  ["?ERROR ?WARN", "lines with one of these words"],
  ['{ $.severity = "ERROR" }', "JSON lines by a member"],
];

export function Page({ groups, first }: { groups: LogGroup[]; first: string }) {
  const chosen = chosenGroups(groups, first);
  const streams = route.value.params.getAll("stream");
  const { tail, clear } = useTail({ group: chosen, stream: streams, pattern: param("pattern") });
  const rules = useRules();
  const shown = useMemo(() => tail.lines.filter(({ event }) => passes(event.message, rules.include, rules.exclude)), [tail.lines, rules]);
  useKeys({ c: clear });
  return (
    <div class="page sided">
      <aside class="side" aria-label="What is followed">
        <GroupPicker groups={groups} chosen={chosen} most={mostGroups} />
        {chosen.length === 1 && <Streams group={chosen[0]} chosen={streams} />}
      </aside>
      <section class="content" aria-label="Live tail">
        <div class="filters">
          <QueryBox name="pattern" label="Filter pattern" placeholder='Filter pattern, e.g. { $.severity = "ERROR" }' examples={examples}
            error={param("pattern") ? tail.problem : ""} />
          <button type="button" class="button" aria-pressed={paused.value} onClick={() => { paused.value = !paused.value; }} title="Pause or resume (p)">
            {paused.value ? <PlayIcon /> : <PauseIcon />}{paused.value ? "Resume" : "Pause"}
          </button>
          <button type="button" class="button" onClick={clear} title="Forget the lines (c)">Clear</button>
          <div class="rule-boxes">
            <RuleBox name="include" label="Include" keyName="i" />
            <RuleBox name="exclude" label="Exclude" keyName="x" />
            <RuleBox name="mark" label="Mark" keyName="m" coloured />
          </div>
        </div>
        <Problem text={param("pattern") ? "" : tail.problem} />
        <p class="tail-state note" role="status">
          <span>{tail.problem ? "Not following." : tail.open ? "Following " + chosen.join(", ") : "Connecting …"}</span>
          <span>{counted(tail.received, "line")} received</span>
          {shown.length < tail.lines.length && <span>{count(shown.length)} of {count(tail.lines.length)} shown</span>}
          {tail.received > keptLines && <span>the last {count(keptLines)} are kept</span>}
          {tail.sampled && <span class="warn">More than 500 lines at a time: a sample is shown, as by AWS.</span>}
          {paused.value && <b>Paused{tail.waiting.length > 0 && `: ${count(tail.waiting.length)} waiting`}</b>}
        </p>
        {shown.length === 0 && !tail.problem
          ? <Waiting rulesHide={tail.lines.length > 0} />
          : <Lines lines={shown} rules={rules.marks} />}
      </section>
    </div>
  );
}

function Waiting({ rulesHide }: { rulesHide: boolean }) {
  if (rulesHide) return <Empty title="The rules hide every line."><p>Include shows lines with one of its texts only, exclude hides lines with one of its texts.</p></Empty>;
  return <Empty title="Waiting for lines."><p>Lines appear here when they are written. Older ones are found by Search and Insights.</p></Empty>;
}

// useRules reads the rules from the URL. What is included is marked too.
function useRules(): { include: Rule[]; exclude: Rule[]; marks: Rule[] } {
  const { params } = route.value;
  const [include, exclude, mark] = ["include", "exclude", "mark"].map((name) => params.getAll(name));
  return useMemo(() => ({
    include: include.map(rule), exclude: exclude.map(rule), marks: [...mark, ...include].map(rule),
  }), [JSON.stringify([include, exclude, mark])]);
}

function Streams({ group, chosen }: { group: string; chosen: string[] }) {
  const streams = useData("streams|" + group, (signal) => get<{ streams: LogStream[] }>("log-streams", { group }, signal));
  const toggle = (name: string) => refine({ group, stream: chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name] });
  const list = streams.value?.streams ?? [];
  return (
    <fieldset class="picker">
      <legend>Streams <span class="dim">{chosen.length === 0 ? "all" : `${chosen.length} of ${list.length}`}</span></legend>
      {list.map((stream) => (
        <label key={stream.name}>
          <input type="checkbox" checked={chosen.includes(stream.name)} onChange={() => toggle(stream.name)} />
          <span>{stream.name}</span>
        </label>
      ))}
    </fieldset>
  );
}

// Lines follows the newest line unless the reader has scrolled up.
function Lines({ lines, rules }: { lines: TailLine[]; rules: Rule[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const seen = useRef(0); // id of the newest line when the reader left the end
  const [away, setAway] = useState(false);
  const newest = lines.at(-1)?.id ?? 0;
  const toEnd = () => scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  useLayoutEffect(() => {
    if (following.current) toEnd();
  }, [lines]);
  const follow = () => {
    (document.activeElement as HTMLElement | null)?.blur();
    following.current = true;
    toEnd();
  };
  const scrolled = () => {
    const at = scroller.current!;
    const end = at.scrollHeight - at.scrollTop - at.clientHeight < atEnd;
    if (following.current && !end) seen.current = newest;
    following.current = end;
    setAway(!end);
  };
  const toggle = (id: number) => {
    following.current = false;
    setOpened((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  useKeys({
    j: () => stepFocus(scroller.current, 1), k: () => stepFocus(scroller.current, -1),
    f: follow, t: openTrace,
  });
  const below = lines.filter((line) => line.id > seen.current).length;
  return (
    <div class="list">
      <div class="scroll" ref={scroller} onScroll={scrolled} role="log" aria-label="Lines">
        <ul class="log-lines">
          {lines.map((line) => <Line key={line.id} line={line} rules={rules} open={opened.has(line.id)} toggle={toggle} />)}
        </ul>
      </div>
      {away && below > 0 && <div class="pill low"><button type="button" class="button" onClick={follow}>↓ {count(below)} new</button></div>}
    </div>
  );
}

// Line is drawn anew only when it changes: there may be thousands.
function Line({ line, rules, open, toggle }: { line: TailLine; rules: Rule[]; open: boolean; toggle: (id: number) => void }) {
  return useMemo(() => <LogLine event={line.event} rules={rules} open={open} toggle={() => toggle(line.id)} />, [line, rules, open]);
}
