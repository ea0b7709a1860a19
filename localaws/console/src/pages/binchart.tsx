// The chart of a query that groups by a bin of time: a line for each group and
// each value.
import { useEffect, useMemo, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { QueryAnswer } from "../api";
import { number, time } from "../format";
import { theme } from "../theme";

const height = 280;
const mostSeries = 10; // colours, svc-a … in styles/base.css
const colours = "abcdefghij";
const letter = 7.5; // width of a digit on an axis

interface Series {
  name: string;
  at: Map<number, number>;
}

// seriesOf reads lines out of the rows, those with the largest values first.
function seriesOf({ columns, rows, time: timeColumn, by, values }: QueryAnswer): Series[] {
  const at = columns.indexOf(timeColumn);
  const groups = by.map((name) => columns.indexOf(name));
  const found = new Map<string, Series>();
  for (const value of values) {
    const column = columns.indexOf(value);
    for (const { cells } of rows) {
      const when = Date.parse((cells[at] ?? "").replace(" ", "T") + "Z") / 1000;
      const cell = cells[column];
      if (cell === null || cell === "" || Number.isNaN(when) || Number.isNaN(Number(cell))) continue;
      const group = groups.map((i) => cells[i] ?? "–").join(", ");
      const name = [group, values.length > 1 || !group ? value : ""].filter(Boolean).join(" · ");
      let series = found.get(name);
      if (!series) found.set(name, series = { name, at: new Map() });
      series.at.set(when, Number(cell));
    }
  }
  const peak = (series: Series) => Math.max(...series.at.values());
  return [...found.values()].sort((a, b) => peak(b) - peak(a));
}

export function BinChart({ answer }: { answer: QueryAnswer }) {
  const place = useRef<HTMLDivElement>(null);
  const all = useMemo(() => seriesOf(answer), [answer]);
  const shown = all.slice(0, mostSeries);
  const colour = theme.value;
  useEffect(() => {
    const at = place.current;
    if (!at || shown.length === 0) return;
    const made = new uPlot(options(at, shown), aligned(shown), at);
    const observer = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height }));
    observer.observe(at);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [all, colour]);
  if (shown.length === 0) return <p class="note bin-note">No column has numbers to draw.</p>;
  return (
    <>
      <div class="chart" role="img" aria-label={`Chart of ${shown.map((series) => series.name).join("; ")}, over ${answer.time}; its values are in the table`}>
        <div ref={place} />
      </div>
      {all.length > shown.length && <p class="note bin-note">The {shown.length} largest of {all.length} lines are drawn.</p>}
    </>
  );
}

function aligned(list: Series[]): uPlot.AlignedData {
  const times = [...new Set(list.flatMap((series) => [...series.at.keys()]))].sort((a, b) => a - b);
  return [times, ...list.map((series) => times.map((when) => series.at.get(when) ?? null))];
}

function options(at: HTMLElement, list: Series[]): uPlot.Options {
  const style = getComputedStyle(at);
  const colour = (name: string) => style.getPropertyValue(name);
  const font = "12px " + style.fontFamily;
  const axis: uPlot.Axis = {
    stroke: colour("--muted"), font, grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 },
  };
  return {
    width: at.clientWidth,
    height,
    padding: [12, 28, 0, 0],
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, min, max) => (min < max ? [min, max] : [min - 60, max + 60]) },
      y: { range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(0, max ?? 1) * 1.08 || 1] },
    },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((s) => time(s * 1000).slice(0, step < 60 ? 8 : 5)) },
      { ...axis, size: (_, values) => Math.max(56, 20 + letter * Math.max(0, ...(values ?? []).map((v) => v.length))), values: (_, splits) => splits.map(number) },
    ],
    series: [
      { label: "Time", value: (_, s) => (s === null ? "–" : time(s * 1000).slice(0, 8)) },
      ...list.map((series, i) => ({
        label: series.name, stroke: colour("--svc-" + colours[i]), width: 2, spanGaps: true,
        points: { show: true, size: 5, fill: colour("--svc-" + colours[i]) },
        value: (_: uPlot, v: number | null) => (v === null ? "–" : number(v)),
      })),
    ],
  };
}
