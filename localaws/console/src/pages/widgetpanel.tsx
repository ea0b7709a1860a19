import { useEffect, useState } from "preact/hooks";
import { Copy } from "../components/copy";
import { overview } from "../live";
import { param, refine } from "../router";
import { drawingOf, rowsOf, widgetText, type Line } from "./widget";

interface Props {
  lines: Line[];
  stat: string;
  period: number;
  range: string;
  open?: boolean;
}

// Widget is the graph as the JSON of a widget of a CloudWatch dashboard, to copy
// from and to paste into.
export function Widget({ lines, stat, period, range, open }: Props) {
  const text = lines.length === 0 ? "" : widgetText({ lines, stat, period, start: param("start"), end: param("end") }, range, overview.value?.region ?? "us-east-1");
  const [edited, setEdited] = useState(text);
  const [error, setError] = useState("");
  useEffect(() => setEdited(text), [text]);
  const draw = () => {
    try {
      const to = drawingOf(edited);
      setError("");
      refine({
        g: JSON.stringify(rowsOf(to.lines)), stat: to.stat, period: to.period, range: to.range, start: to.start, end: to.end,
        namespace: "", name: "", dimension: "", point: "",
      });
    } catch (err) {
      setError((err as Error).message);
    }
  };
  return (
    <details class="widget" open={open}>
      <summary>Widget JSON <span class="dim">as dashboards and GetMetricWidgetImage have it</span></summary>
      <textarea class="mono" aria-label="Widget JSON" spellcheck={false} rows={Math.min(18, Math.max(8, edited.split("\n").length))} value={edited}
        placeholder={'{ "metrics": [["Shop", "Orders", "Country", "NZ"]], "period": 60, "stat": "Sum" }'} onInput={(e) => setEdited(e.currentTarget.value)} />
      {error && <p class="query-error" role="alert">{error}</p>}
      <p class="line-tools">
        <button type="button" class="button" disabled={edited === text} onClick={draw}>Draw this</button>
        {text && <Copy text={text} what="the widget" label="Copy" />}
      </p>
    </details>
  );
}
