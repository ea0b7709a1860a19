import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { MetricData } from "../api";
import { number, time } from "../format";
import { theme } from "../theme";

const height = 300;

interface Props {
  label: string;
  data: MetricData;
  periodMs: number;
  start?: number;
  end?: number;
}

export function Chart({ label, data, periodMs, start, end }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef<Props>({ label, data, periodMs, start, end });
  latest.current = { label, data, periodMs, start, end };
  const colours = theme.value;

  useEffect(() => {
    const at = place.current!;
    const made = new uPlot(options(at, label, () => latest.current), series(data, periodMs), at);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height }));
    observer.observe(at);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [label, colours]);
  useEffect(() => plot.current?.setData(series(data, periodMs)), [data, periodMs]);

  return <div class="chart" ref={place} role="img" aria-label={`Graph of ${label}; its values are in the table below`} />;
}

// series breaks the line where periods without data lie between two points.
function series(data: MetricData, periodMs: number): uPlot.AlignedData {
  const x: number[] = [];
  const y: (number | null)[] = [];
  const points = data.timestamps.map((at, i) => [at, data.values[i]] as const).sort((a, b) => a[0] - b[0]);
  for (const [at, value] of points) {
    const last = x.at(-1);
    if (last !== undefined && at - last * 1000 > 1.5 * periodMs) {
      x.push(last + periodMs / 1000);
      y.push(null);
    }
    x.push(at / 1000);
    y.push(value);
  }
  return [x, y];
}

function options(at: HTMLElement, label: string, now: () => Props): uPlot.Options {
  const style = getComputedStyle(at);
  const colour = (name: string) => style.getPropertyValue(name);
  const font = "12px " + style.fontFamily;
  const axis: uPlot.Axis = {
    stroke: colour("--muted"), font, grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 },
  };
  return {
    width: at.clientWidth,
    height,
    legend: { live: true },
    cursor: { points: { size: 8 }, drag: { x: false, y: false } },
    scales: {
      x: { time: true, range: (_, min, max) => timeRange(now(), min, max) },
      y: { range: (_, min, max) => valueRange(min, max) },
    },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((s) => time(s * 1000).slice(0, step < 60 ? 8 : 5)) },
      { ...axis, size: 64, values: (_, splits) => splits.map(number) },
    ],
    series: [
      { label: "Time", value: (_, s) => (s === null ? "–" : time(s * 1000).slice(0, 8)) },
      {
        label, stroke: colour("--accent"), width: 2, fill: colour("--accent-soft"), points: { show: true, size: 6, fill: colour("--accent") },
        value: (_, v) => (v === null ? "–" : number(v)),
      },
    ],
  };
}

function timeRange({ start, end, periodMs }: Props, min: number, max: number): [number, number] {
  const from = start === undefined ? min : start / 1000;
  const to = end === undefined ? Math.max(Date.now() / 1000, max) : end / 1000;
  return from < to ? [from, to] : [min - periodMs / 1000, max + periodMs / 1000];
}

// valueRange begins at zero, so that heights can be compared.
function valueRange(min: number | null, max: number | null): [number, number] {
  const low = Math.min(0, min ?? 0);
  const high = Math.max(0, max ?? 1);
  return [low * 1.08, high === low ? low + 1 : high * 1.08];
}
