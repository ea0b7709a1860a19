import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { GraphLine } from "../api";
import { number, time } from "../format";
import { theme } from "../theme";

const height = 300;
const letter = 7.5; // width of a digit on an axis
const colours = "abcdefghij"; // svc-a … in styles/base.css

export const mostLines = colours.length;

interface Props {
  label: string;
  lines: GraphLine[];
  periodMs: number;
  start?: number;
  end?: number;
  threshold?: number; // a line across, as of an alarm
}

// colourOf is the colour of a line: the accent, where it is the only one.
export const colourOf = (i: number, of: number) => (of === 1 ? "--accent" : "--svc-" + colours[i % colours.length]);

export function Chart(props: Props) {
  const { label, lines, threshold } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const names = lines.map((line) => line.label).join("\n");

  useEffect(() => {
    const at = place.current!;
    const made = new uPlot(options(at, props), series(props), at);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height }));
    observer.observe(at);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, threshold, theme.value]);
  useEffect(() => plot.current?.setData(series(props)), [lines]);

  return <div class="chart" ref={place} role="img" aria-label={`Graph of ${label}; its values are in the table below`} />;
}

// series reaches over the whole range, and breaks a line where periods without
// data lie between two of its points.
function series({ lines, periodMs, start, end = Date.now(), threshold }: Props): uPlot.AlignedData {
  const at = lines.map((line) => new Map(line.timestamps.map((t, i) => [t, line.values[i]])));
  const times = new Set(lines.flatMap((line) => line.timestamps));
  for (const points of at) {
    const own = [...points.keys()].sort((a, b) => a - b);
    own.forEach((t, i) => {
      if (i > 0 && t - own[i - 1] > 1.5 * periodMs) times.add(own[i - 1] + periodMs);
    });
  }
  if (start !== undefined) times.add(start);
  times.add(end);
  const x = [...times].sort((a, b) => a - b);
  const y = at.map((points) => {
    let last = -Infinity;
    return x.map((t) => {
      const value = points.get(t);
      if (value !== undefined) last = t;
      return value ?? (t - last < periodMs ? undefined : null); // undefined: of another line's time
    });
  });
  const across = threshold === undefined ? [] : [x.map(() => threshold)];
  return [x.map((t) => t / 1000), ...y, ...across] as uPlot.AlignedData;
}

function options(at: HTMLElement, { lines, threshold }: Props): uPlot.Options {
  const style = getComputedStyle(at);
  const colour = (name: string) => style.getPropertyValue(name);
  const font = "12px " + style.fontFamily;
  const axis: uPlot.Axis = {
    stroke: colour("--muted"), font, grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 },
  };
  const value = (_: uPlot, v: number | null) => (v === null || v === undefined ? "–" : number(v));
  const drawn: uPlot.Series[] = lines.map((line, i) => {
    const stroke = colour(colourOf(i, lines.length));
    return { label: line.label, stroke, width: 2, fill: lines.length === 1 ? colour("--accent-soft") : undefined, points: { show: true, size: 6, fill: stroke }, value };
  });
  if (threshold !== undefined) drawn.push({ label: "Threshold", stroke: colour("--fault"), width: 1.5, dash: [6, 4], points: { show: false }, value });
  return {
    width: at.clientWidth,
    height,
    legend: { live: true },
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, min, max) => (min < max ? [min, max] : [min - 60, max + 60]) },
      y: { range: (_, min, max) => valueRange(min, max) },
    },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((s) => time(s * 1000).slice(0, step < 60 ? 8 : 5)) },
      { ...axis, size: (_, values) => Math.max(56, 20 + letter * Math.max(0, ...(values ?? []).map((v) => v.length))), values: (_, splits) => splits.map(number) },
    ],
    series: [{ label: "Time", value: (_, s) => (s === null ? "–" : time(s * 1000).slice(0, 8)) }, ...drawn],
  };
}

// valueRange begins at zero, so that heights can be compared.
function valueRange(min: number | null, max: number | null): [number, number] {
  const low = Math.min(0, min ?? 0);
  const high = Math.max(0, max ?? 1);
  return [low * 1.08, high === low ? low + 1 : high * 1.08];
}
