// A graph's lines, as the URL keeps them and as a widget of a CloudWatch
// dashboard has them:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html
import type { Metric, Query } from "../api";

export interface Line {
  id: string;
  label?: string;
  hidden?: boolean;
  metric?: { namespace: string; name: string; dimensions: [name: string, value: string][] };
  expression?: string;
  stat?: string;
  period?: number;
}

export interface Drawing {
  lines: Line[];
  stat?: string;
  period?: number;
  start?: string;
  end?: string;
  title?: string;
}

type Options = { id?: string; label?: string; visible?: boolean; stat?: string; period?: number; expression?: string };

const ranges: Record<string, string> = { "5m": "-PT5M", "15m": "-PT15M", "1h": "-PT1H", "6h": "-PT6H", "24h": "-P1D" };

export function lineOf(metric: Metric, id: string): Line {
  return { id, metric: { namespace: metric.namespace, name: metric.name, dimensions: metric.dimensions.map((d) => [d.name, d.value]) } };
}

// freeId is m1, m2 … or e1, e2 …, the first that no line has.
export function freeId(lines: Line[], letter: "m" | "e"): string {
  for (let i = 1; ; i++) if (!lines.some((line) => line.id === letter + i)) return letter + i;
}

// rowsOf writes lines as a widget's metrics.
export function rowsOf(lines: Line[]): unknown[][] {
  return lines.map((line) => {
    const options: Options = { id: line.id };
    if (line.label) options.label = line.label;
    if (line.hidden) options.visible = false;
    if (line.stat) options.stat = line.stat;
    if (line.period) options.period = line.period;
    if (line.metric) return [line.metric.namespace, line.metric.name, ...line.metric.dimensions.flat(), options];
    return [{ expression: line.expression ?? "", ...options }];
  });
}

// linesOf reads a widget's metrics; "." stands for the value above, "..." for
// all that come before what follows.
export function linesOf(rows: unknown): Line[] {
  if (!Array.isArray(rows)) throw new Error("The widget has no list of metrics.");
  const lines: Line[] = [];
  let above: string[] = [];
  for (const row of rows) {
    if (!Array.isArray(row)) throw new Error("Each of the widget's metrics is a list.");
    const last = row.at(-1);
    const options: Options = last !== null && typeof last === "object" ? last : {};
    const texts = row.filter((part) => typeof part === "string") as string[];
    if (texts.length + (options === last ? 1 : 0) !== row.length) throw new Error("A metric is texts, and options at the end.");
    const line: Line = { id: options.id ?? "" };
    if (texts.length === 0) {
      if (typeof options.expression !== "string") throw new Error("A metric has a namespace and a name, or it is an expression.");
      line.expression = options.expression;
    } else {
      above = whole(texts, above);
      if (above.length < 2 || above.length % 2 !== 0) throw new Error("A metric is a namespace, a name, and pairs of dimension and value.");
      const dimensions: [string, string][] = [];
      for (let i = 2; i < above.length; i += 2) dimensions.push([above[i], above[i + 1]]);
      line.metric = { namespace: above[0], name: above[1], dimensions };
    }
    if (options.label) line.label = String(options.label);
    if (options.visible === false) line.hidden = true;
    if (options.stat) line.stat = String(options.stat);
    if (Number(options.period) > 0) line.period = Number(options.period);
    line.id ||= freeId(lines, line.metric ? "m" : "e");
    lines.push(line);
  }
  return lines;
}

function whole(texts: string[], above: string[]): string[] {
  const dots = texts.indexOf("...");
  const full = dots < 0 ? texts : [...texts.slice(0, dots), ...above.slice(dots, above.length - (texts.length - dots - 1)), ...texts.slice(dots + 1)];
  return full.map((text, i) => (text === "." ? above[i] ?? "" : text));
}

// widgetText is the drawing as a widget's properties.
export function widgetText(drawing: Drawing, range: string, region: string): string {
  const { lines, stat, period, start, end } = drawing;
  const time = start ? { start: isoOf(start), end: end ? isoOf(end) : undefined } : { start: ranges[range], end: "P0D" };
  return JSON.stringify({ view: "timeSeries", stacked: false, region, stat, period, ...time, metrics: rowsOf(lines) }, null, 2);
}

const isoOf = (ms: string) => new Date(Number(ms)).toISOString();

// drawingOf reads a widget: its properties, the widget around them, or a
// dashboard, whose first graph it is.
export function drawingOf(text: string): Drawing & { range?: string } {
  let json: Record<string, any>;
  try {
    json = JSON.parse(text);
  } catch (err) {
    throw new Error("This is no JSON: " + (err as Error).message);
  }
  const widget = Array.isArray(json?.widgets) ? json.widgets.find((w: { type?: string }) => w.type === "metric") ?? {} : json ?? {};
  const from = widget.properties ?? widget;
  const range = Object.entries(ranges).find(([, iso]) => iso === from.start)?.[0];
  const moment = (iso: unknown) => (typeof iso === "string" && !Number.isNaN(Date.parse(iso)) ? String(Date.parse(iso)) : undefined);
  return {
    lines: linesOf(from.metrics), stat: from.stat, period: Number(from.period) > 0 ? Number(from.period) : undefined,
    range, start: range ? undefined : moment(from.start), end: range ? undefined : moment(from.end), title: from.title,
  };
}

// queriesOf are the queries of GetMetricData for the lines.
export function queriesOf(lines: Line[], stat: string, period: number): Query[] {
  return lines.map((line) => {
    const query: Query = { Id: line.id };
    if (line.label) query.Label = line.label;
    if (line.hidden) query.ReturnData = false;
    if (!line.metric) return { ...query, Expression: line.expression, Period: line.period ?? period };
    query.MetricStat = {
      Metric: {
        Namespace: line.metric.namespace, MetricName: line.metric.name,
        Dimensions: line.metric.dimensions.map(([Name, Value]) => ({ Name, Value })),
      },
      Period: line.period ?? period, Stat: line.stat ?? stat,
    };
    return query;
  });
}

// linesOfQueries are the lines of an alarm's queries.
export function linesOfQueries(queries: Query[]): Line[] {
  return queries.map((q) => ({
    id: q.Id, label: q.Label, hidden: q.ReturnData === false || undefined, expression: q.Expression, stat: q.MetricStat?.Stat, period: q.MetricStat?.Period ?? q.Period,
    metric: q.MetricStat && {
      namespace: q.MetricStat.Metric.Namespace, name: q.MetricStat.Metric.MetricName,
      dimensions: (q.MetricStat.Metric.Dimensions ?? []).map((d): [string, string] => [d.Name, d.Value]),
    },
  }));
}
