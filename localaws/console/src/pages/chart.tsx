import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import type { MetricData } from "../api";
import { number, time } from "../format";
import { theme } from "../theme";

const height = 300;
const letter = 7.5; // width of a digit on an axis

interface Props {
  label: string;
  data: MetricData;
  periodMs: number;
  start?: number;
  end?: number;
}

export function Chart(props: Props) {
  const { label, data } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const colours = theme.value;

  useEffect(() => {
    const at = place.current!;
    const made = new uPlot(options(at, label), series(props), at);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height }));
    observer.observe(at);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [label, colours]);
  useEffect(() => plot.current?.setData(series(props)), [data]);

  return <div class="chart" ref={place} role="img" aria-label={`Graph of ${label}; its values are in the table below`} />;
}

// series reaches over the whole range, and breaks the line where periods
// without data lie between two points.
function series({ data, periodMs, start, end = Date.now() }: Props): uPlot.AlignedData {
  const x: number[] = [];
  const y: (number | null)[] = [];
  const gap = (at: number) => {
    x.push(at);
    y.push(null);
  };
  const points = data.timestamps.map((at, i) => [at, data.values[i]] as const).sort((a, b) => a[0] - b[0]);
  if (start !== undefined && start < points[0][0]) gap(start / 1000);
  for (const [at, value] of points) {
    const last = x.at(-1);
    if (last !== undefined && at - last * 1000 > 1.5 * periodMs) gap(last + periodMs / 1000);
    x.push(at / 1000);
    y.push(value);
  }
  if (end > x[x.length - 1] * 1000) gap(end / 1000);
  return [x, y];
}

function options(at: HTMLElement, label: string): uPlot.Options {
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
      x: { time: true, range: (_, min, max) => (min < max ? [min, max] : [min - 60, max + 60]) },
      y: { range: (_, min, max) => valueRange(min, max) },
    },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((s) => time(s * 1000).slice(0, step < 60 ? 8 : 5)) },
      { ...axis, size: (_, values) => Math.max(56, 20 + letter * Math.max(0, ...(values ?? []).map((v) => v.length))), values: (_, splits) => splits.map(number) },
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

// valueRange begins at zero, so that heights can be compared.
function valueRange(min: number | null, max: number | null): [number, number] {
  const low = Math.min(0, min ?? 0);
  const high = Math.max(0, max ?? 1);
  return [low * 1.08, high === low ? low + 1 : high * 1.08];
}
