// The spans of a trace as rows over one time axis. Only the rows in sight are
// in the document, so that a trace of many thousand spans opens at once.
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Columns, Trace } from "../api";
import { ChevronIcon } from "../components/icons";
import { StatusMark, statusText } from "../components/status";
import { duration } from "../format";
import { useKeys } from "../keys";
import { serviceClass } from "../services";

const rowHeight = 26; // this and the next as in styles/traces.css
const headHeight = 28;
const margin = 10; // rows drawn above and below those in sight
const ticks = [0, 0.25, 0.5, 0.75, 1];

interface Props {
  trace: Trace;
  selected: number;
  select: (index: number) => void;
}

export function Waterfall({ trace, selected, select }: Props) {
  const { columns } = trace;
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => visible(columns, closed), [columns, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: 0 });
  const total = Math.max(trace.duration, ...extent(columns)) || 1;

  useLayoutEffect(() => {
    const at = scroller.current!;
    const look = () => setSight({ top: at.scrollTop, height: at.clientHeight - headHeight });
    const observer = new ResizeObserver(look);
    observer.observe(at);
    at.addEventListener("scroll", look, { passive: true });
    return () => observer.disconnect();
  }, []);

  const revealed = useRef("");
  useLayoutEffect(() => {
    if (selected < 0 || revealed.current === columns.id[selected]) return;
    const hidden = ancestors(columns, selected).filter((i) => closed.has(columns.id[i]));
    if (hidden.length > 0) {
      setClosed(new Set([...closed].filter((id) => !hidden.some((i) => columns.id[i] === id))));
      return;
    }
    revealed.current = columns.id[selected];
    reveal(scroller.current!, rows.indexOf(selected));
  }, [selected, rows]);

  const fold = (index: number, close: boolean) => {
    const next = new Set(closed);
    if (close) next.add(columns.id[index]);
    else next.delete(columns.id[index]);
    setClosed(next);
  };
  const step = (by: number) => {
    const next = rows[Math.min(Math.max(rows.indexOf(selected) + by, 0), rows.length - 1)];
    if (next !== undefined) select(next);
  };
  const collapse = () => {
    if (selected < 0) return;
    if (hasChildren(columns, selected) && !closed.has(columns.id[selected])) fold(selected, true);
    else if (columns.parent[selected] >= 0) select(columns.parent[selected]);
  };
  const expand = () => { if (selected >= 0) fold(selected, false); };
  const page = () => Math.max(1, Math.floor(sight.height / rowHeight) - 1);
  useKeys({
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    h: collapse, ArrowLeft: collapse, l: expand, ArrowRight: expand,
    PageDown: () => step(page()), PageUp: () => step(-page()),
    Home: () => step(-rows.length), End: () => step(rows.length),
  });

  const first = Math.max(0, Math.floor(sight.top / rowHeight) - margin);
  const last = Math.min(rows.length, Math.ceil((sight.top + sight.height) / rowHeight) + margin);
  return (
    <div class="waterfall" role="treegrid" aria-label="Spans" aria-rowcount={rows.length + 1} tabIndex={0}
      aria-activedescendant={selected >= 0 ? rowId(columns.id[selected]) : undefined}>
      <div class="waterfall-rows" ref={scroller} role="presentation">
        <div class="waterfall-head" role="row">
          <span role="columnheader">Span</span>
          <span role="columnheader" class="num">Duration</span>
          <span role="columnheader" class="axis" aria-label="Time from the start of the trace">
            {ticks.map((t) => <i key={t} style={{ left: 100 * t + "%" }}>{duration(total * t)}</i>)}
          </span>
        </div>
        <div class="waterfall-space" role="presentation" style={{ height: rows.length * rowHeight + "px" }}>
          {rows.slice(first, last).map((index, i) => (
            <Row key={columns.id[index]} columns={columns} index={index} place={first + i} total={total}
              selected={index === selected} closed={closed.has(columns.id[index])} select={select} fold={fold} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  columns: Columns;
  index: number;
  place: number; // which of the rows
  total: number;
  selected: boolean;
  closed: boolean;
  select: (index: number) => void;
  fold: (index: number, close: boolean) => void;
}

function Row({ columns, index, place, total, selected, closed, select, fold }: RowProps) {
  const id = columns.id[index];
  const depth = columns.depth[index];
  const service = columns.service[index];
  const status = columns.status[index];
  const start = (100 * columns.start[index]) / total;
  const width = (100 * columns.duration[index]) / total;
  const parent = hasChildren(columns, index);
  const segment = columns.kind[index] === "segment";
  return (
    <div class={`span-row ${serviceClass(service)} ${status}${selected ? " selected" : ""}`} role="row" id={rowId(id)}
      aria-level={depth + 1} aria-rowindex={place + 2} aria-expanded={parent ? !closed : undefined} aria-selected={selected}
      style={{ top: place * rowHeight + "px" }} onClick={() => select(index)}>
      <span role="gridcell" class="span-name" style={{ paddingLeft: 4 + Math.min(depth, 24) * 14 + "px" }}>
        {parent
          ? <button type="button" class={"fold" + (closed ? "" : " unfolded")} tabIndex={-1} aria-label={closed ? "Expand" : "Collapse"}
              onClick={(e) => { e.stopPropagation(); fold(index, !closed); }}><ChevronIcon /></button>
          : <i class="fold" />}
        <i class="stripe" />
        {status !== "ok" && <StatusMark status={status} text={false} />}
        <span class={segment ? "segment-name" : ""}>{columns.name[index]}</span>
        {segment && service !== columns.name[index] && <span class="dim">{service}</span>}
        {columns.namespace[index] && <span class="dim">{columns.namespace[index]}</span>}
      </span>
      <span role="gridcell" class="num">{columns.inProgress[index] ? "…" : duration(columns.duration[index])}</span>
      <span role="gridcell" class="lane" aria-label={`${statusText(status)}, starts at ${duration(columns.start[index])}`}>
        <i class={"bar" + (columns.inProgress[index] ? " unfinished" : "")}
          style={{ left: start + "%", width: columns.inProgress[index] ? 100 - start + "%" : width + "%" }} />
      </span>
    </div>
  );
}

const rowId = (id: string) => "span-" + id;

const hasChildren = (columns: Columns, index: number) => (columns.depth[index + 1] ?? -1) > columns.depth[index];

// visible is the rows that no closed ancestor hides.
function visible(columns: Columns, closed: ReadonlySet<string>): number[] {
  const rows: number[] = [];
  let hiddenBelow = Infinity;
  for (let i = 0; i < columns.id.length; i++) {
    const depth = columns.depth[i];
    if (depth > hiddenBelow) continue;
    hiddenBelow = closed.has(columns.id[i]) ? depth : Infinity;
    rows.push(i);
  }
  return rows;
}

function ancestors(columns: Columns, index: number): number[] {
  const list: number[] = [];
  for (let i = columns.parent[index]; i >= 0; i = columns.parent[i]) list.push(i);
  return list;
}

// extent is where the last span ends, which may be after the trace's end.
function extent(columns: Columns): number[] {
  let end = 0;
  columns.start.forEach((start, i) => { end = Math.max(end, start + columns.duration[i]); });
  return [end];
}

function reveal(scroller: HTMLElement, row: number): void {
  const top = row * rowHeight;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  const below = top + rowHeight + headHeight - scroller.clientHeight;
  if (scroller.scrollTop < below) scroller.scrollTop = below;
}
