import { useRef, useState } from "preact/hooks";
import { get, type LogRecord, type QueryAnswer, type QueryRow } from "../api";
import { Copy } from "../components/copy";
import { Problem } from "../components/empty";
import { Facts } from "../components/facts";
import { ChevronIcon } from "../components/icons";
import { useData } from "../data";
import { count, iso } from "../format";
import { csv, json, save } from "../export";
import { useKeys } from "../keys";
import { openTrace, stepFocus } from "../rows";
import { href } from "../router";
import { toLogs } from "./loglines";

const pageRows = 200;
const longCell = 600;
const numeric = /^-?\d[\d.]*$/;

// Results is the rows of a query. A row of an event opens to the whole event.
export function Results({ answer }: { answer: QueryAnswer }) {
  const [shown, setShown] = useState(pageRows);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const body = useRef<HTMLTableSectionElement>(null);
  useKeys({ j: () => stepFocus(body.current, 1), k: () => stepFocus(body.current, -1), t: openTrace });
  const traced = answer.rows.some((row) => row.traceId);
  const right = answer.columns.map((_, i) => answer.stats && answer.rows.every(({ cells }) => cells[i] === null || numeric.test(cells[i])));
  const most = answer.columns.map((name, i) => (right[i] && !answer.time && answer.rows.length > 1 && answer.values.includes(name) ? Math.max(...answer.rows.map(({ cells }) => Number(cells[i]))) : 0));
  const toggle = (i: number) => {
    const next = new Set(opened);
    if (!next.delete(i)) next.add(i);
    setOpened(next);
  };
  return (
    <>
      <div class="results-head">
        <b>{count(answer.rows.length)} {answer.rows.length === 1 ? "row" : "rows"}</b>
        {answer.limited && <span class="note">These are the first; a limit in the query can ask for more.</span>}
        <span class="note">Times are UTC.</span>
        <span class="exports">
          <button type="button" class="button small" onClick={() => save("insights.csv", "text/csv", csv(answer))}>Export CSV</button>
          <button type="button" class="button small" onClick={() => save("insights.json", "application/json", json(answer))}>Export JSON</button>
          <Copy text={() => csv(answer)} what="the rows as CSV" label="Copy" />
        </span>
      </div>
      <table class={"rows results" + (answer.stats ? "" : " opens")}>
        <caption class="hidden">Rows of the query</caption>
        <thead>
          <tr>
            {!answer.stats && <th scope="col"><span class="hidden">Open</span></th>}
            {answer.columns.map((name, i) => <th key={name} scope="col" class={right[i] ? "num" : ""}>{name}</th>)}
            {traced && <th scope="col">Trace</th>}
          </tr>
        </thead>
        <tbody ref={body}>
          {answer.rows.slice(0, shown).map((row, i) => (
            <Row key={i} row={row} stats={answer.stats} traced={traced} right={right} most={most} open={opened.has(i)} toggle={() => toggle(i)} />
          ))}
        </tbody>
      </table>
      {shown < answer.rows.length && (
        <p class="paging"><button type="button" class="button" onClick={() => setShown(shown + 5 * pageRows)}>Show more of the {count(answer.rows.length)} rows</button></p>
      )}
    </>
  );
}

interface RowProps {
  row: QueryRow;
  stats: boolean;
  traced: boolean;
  right: boolean[];
  most: number[]; // of the columns that are drawn as bars
  open: boolean;
  toggle: () => void;
}

function Row({ row, stats, traced, right, most, open, toggle }: RowProps) {
  return (
    <>
      <tr data-row={stats ? "" : undefined} tabIndex={stats ? -1 : undefined}>
        {!stats && (
          <td>
            <button type="button" class="fold" data-row aria-expanded={open} aria-label="The whole event" onClick={toggle}>
              <span class={"fold" + (open ? " unfolded" : "")}><ChevronIcon /></span>
            </button>
          </td>
        )}
        {row.cells.map((cell, i) => (
          <td key={i} class={right[i] ? "num" : ""}>{cell === null ? <span class="dim">–</span> : <span class="cell">{cell.length > longCell ? cell.slice(0, longCell) + "…" : cell}</span>}
            {most[i] > 0 && <span class="share" style={{ width: `${Math.max(0, (100 * Number(cell)) / most[i])}%` }} />}
          </td>
        ))}
        {traced && <td>{row.traceId && <a class="jump" href={href("traces", row.traceId)}>Trace</a>}</td>}
      </tr>
      {open && <tr class="record"><td colSpan={row.cells.length + (traced ? 2 : 1)}><Record ptr={row.ptr} /></td></tr>}
    </>
  );
}

function Record({ ptr }: { ptr: string }) {
  const record = useData("record|" + ptr, (signal) => get<LogRecord>("insights/record", { ptr }, signal), false);
  if (!record.value) return <Problem text={record.error} />;
  const { event, fields } = record.value;
  return (
    <div class="log-more">
      <p class="record-links">
        <Copy text={event.message} what="the message" label="Copy message" />
        <a href={toLogs(event)}>Open in Logs</a>
        {event.traceId && <a href={href("traces", event.traceId, { span: event.spanId, tab: event.spanId && "logs" })}>Open the trace</a>}
      </p>
      <Facts facts={[
        ["@timestamp", iso(event.timestamp)], ["@log", event.group], ["@logStream", event.stream], ["@ingestionTime", iso(event.ingestion)],
        ...(fields.length > 0 ? fields.map((field): [string, string] => [field.Field, field.Value]) : [["@message", event.message] as [string, string]]),
      ]} />
    </div>
  );
}
