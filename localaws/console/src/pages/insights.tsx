import { useEffect, useState } from "preact/hooks";
import { get, type Field, type LogGroup, type QueryAnswer, type QueryCheck, type Word } from "../api";
import { Editor } from "../components/editor";
import { Empty, Loading, Problem } from "../components/empty";
import { chosenGroups, GroupPicker } from "../components/groups";
import { CloseIcon } from "../components/icons";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { useData } from "../data";
import { bytes, count, counted, duration } from "../format";
import { fieldText } from "../querytext";
import { forget, pin, recent, remember } from "../recent";
import { param, refine } from "../router";
import { BinChart } from "./binchart";
import { Histogram } from "./histogram";
import { Results } from "./results";

const mostGroups = 50; // of StartQuery
const rowLimit = 10_000; // as AWS gives without a limit
const typingPause = 300;
const fieldsShown = 60;
const firstQuery = "fields @timestamp, @message\n| sort @timestamp desc\n| limit 200";

const examples: [query: string, means: string][] = [
  [firstQuery, "the newest lines"],
  ['filter severity = "ERROR"\n| stats count(*) as errors by bin(1m)', "errors over time"],
  ["stats count(*) as lines by @logStream\n| sort lines desc", "who writes most"],
  ["stats count(*) as lines by severity, bin(1m)", "severities over time"],
  ["fields body, trace_id\n| filter ispresent(trace_id)\n| dedup trace_id", "a line of each trace"],
];

export function Page({ groups, first }: { groups: LogGroup[]; first: string }) {
  const chosen = chosenGroups(groups, first);
  const asked = param("query");
  const [text, setText] = useState(asked || firstQuery);
  const [runs, setRuns] = useState(0); // the same query may be run again
  useEffect(() => { if (asked) setText(asked); }, [asked]);
  const words = useData("insights-words", (signal) => get<{ words: Word[] }>("insights/words", {}, signal), false).value?.words ?? [];
  const fields = useData(["insights-fields", ...chosen].join("|"), (signal) => get<{ fields: Field[] }>("insights/fields", { group: chosen }, signal), false).value?.fields ?? [];
  const check = useCheck(text);
  const answer = useData(asked && ["insights", ...chosen, asked, rangeKey(), runs].join("|"),
    (signal) => get<QueryAnswer>("insights", { group: chosen, query: asked, ...rangeNow(), limit: rowLimit }, signal), false);
  const run = (query = text) => {
    setText(query);
    setRuns(runs + 1);
    refine({ query, group: chosen });
  };
  useEffect(() => {
    if (answer.value && answer.fresh && !answer.error) remember(asked, chosen);
  }, [answer.value]);
  const known = check?.error && asked === text; // the editor says it already
  return (
    <div class="page sided">
      <aside class="side" aria-label="What is queried">
        <GroupPicker groups={groups} chosen={chosen} most={mostGroups} />
        <Fields fields={fields} insert={(name) => setText(text + (/\s$/.test(text) ? "" : " ") + name)} />
        <Recents run={run} />
      </aside>
      <section class="content insights" aria-label="Logs Insights">
        <div class="ask">
          <Editor text={text} setText={setText} run={() => run()} check={check} words={words} fields={fields} />
          <div class="ask-tools">
            <button type="button" class="button primary" onClick={() => run()} title="Ctrl Enter">Run query</button>
            <RangePicker />
            <Examples choose={run} />
            {answer.value && <Told answer={answer.value} fresh={answer.fresh} />}
          </div>
        </div>
        <Problem text={known ? "" : answer.error} />
        <Answer asked={asked} answer={answer.value} fresh={answer.fresh} failed={answer.error !== ""} />
      </section>
    </div>
  );
}

// useCheck asks the server what is wrong when the typing pauses.
function useCheck(text: string): QueryCheck | null {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), typingPause);
    return () => clearTimeout(timer);
  }, [text]);
  const check = useData("check|" + settled, (signal) => get<QueryCheck>("insights/check", { query: settled }, signal), false);
  return settled === text && check.fresh ? check.value : null;
}

function Told({ answer, fresh }: { answer: QueryAnswer; fresh: boolean }) {
  if (!fresh) return <span class="note" role="status">Running …</span>;
  return (
    <span class="note" role="status">
      {count(answer.matched)} of {counted(answer.scanned, "event")} matched · {bytes(answer.bytes)} scanned · {duration(answer.elapsedMs)}
    </span>
  );
}

function Answer({ asked, answer, fresh, failed }: { asked: string; answer: QueryAnswer | null; fresh: boolean; failed: boolean }) {
  if (!asked) return <Empty title="Ask the logs."><p>Write a query of CloudWatch Logs Insights and run it with <kbd>Ctrl Enter</kbd>. <kbd>Ctrl Space</kbd> completes commands, functions and the fields of the chosen groups.</p></Empty>;
  if (failed) return null;
  if (!answer) return <Loading />;
  return (
    <div class={"scroll answer" + (fresh ? "" : " stale")} aria-busy={!fresh}>
      <Histogram data={answer.histogram} />
      {answer.time && answer.rows.length > 0 && <BinChart answer={answer} />}
      {answer.rows.length === 0 ? <Empty title="No event matches." /> : <Results key={asked} answer={answer} />}
    </div>
  );
}

function Fields({ fields, insert }: { fields: Field[]; insert: (name: string) => void }) {
  if (fields.length === 0) return null;
  return (
    <details class="picker fields-found" open>
      <summary>Fields <span class="dim">{fields.length}</span></summary>
      <ul>
        {fields.slice(0, fieldsShown).map(({ name, percent }) => (
          <li key={name}>
            <button type="button" onClick={() => insert(fieldText(name))} title={`Put ${name} into the query`}><code>{name}</code><span class="dim">{percent} %</span></button>
          </li>
        ))}
      </ul>
      {fields.length > fieldsShown && <p class="note">and {count(fields.length - fieldsShown)} more, which the editor completes</p>}
    </details>
  );
}

function Recents({ run }: { run: (query: string) => void }) {
  if (recent.value.length === 0) return null;
  const list = [...recent.value].sort((a, b) => Number(b.pinned) - Number(a.pinned) || b.at - a.at);
  return (
    <details class="picker recents" open>
      <summary>Recent queries</summary>
      <ul aria-label="Recent queries">
        {list.map(({ query, pinned }) => (
          <li key={query}>
            <button type="button" class="recent" onClick={() => run(query)} title={query}><code>{query}</code></button>
            <button type="button" class="button icon-only" aria-pressed={pinned} aria-label={pinned ? "Do not keep" : "Keep"} title={pinned ? "Do not keep" : "Keep"} onClick={() => pin(query)}>{pinned ? "★" : "☆"}</button>
            <button type="button" class="button icon-only" aria-label="Forget" title="Forget" onClick={() => forget(query)}><CloseIcon /></button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Examples({ choose }: { choose: (query: string) => void }) {
  return (
    <select aria-label="Examples" value="" onChange={(e) => { choose(e.currentTarget.value); e.currentTarget.value = ""; }}>
      <option value="" disabled>Examples</option>
      {examples.map(([query, means]) => <option key={means} value={query}>{means}</option>)}
    </select>
  );
}
