import { useEffect, useRef } from "preact/hooks";
import type { Trace } from "../api";
import { theme } from "../theme";

// Minimap draws the whole trace in little: every span a line, what went wrong
// in its colour and over the rest.
export function Minimap({ trace }: { trace: Trace }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = theme.value;
  useEffect(() => {
    const at = canvas.current!;
    const draw = () => paint(at, trace);
    const observer = new ResizeObserver(draw);
    observer.observe(at);
    return () => observer.disconnect();
  }, [trace, colours]);
  return <canvas class="minimap" ref={canvas} aria-hidden="true" />;
}

function paint(canvas: HTMLCanvasElement, { columns, duration }: Trace): void {
  const scale = devicePixelRatio;
  const width = (canvas.width = canvas.clientWidth * scale);
  const height = (canvas.height = canvas.clientHeight * scale);
  const context = canvas.getContext("2d");
  if (!context || width === 0) return;
  const style = getComputedStyle(canvas);
  const line = Math.max(scale, height / columns.id.length);
  const draw = (i: number, colour: string) => {
    context.fillStyle = style.getPropertyValue(colour);
    const y = (i / columns.id.length) * (height - line);
    context.fillRect((columns.start[i] / (duration || 1)) * width, y, Math.max(2 * scale, (columns.duration[i] / (duration || 1)) * width), line);
  };
  columns.id.forEach((_, i) => draw(i, "--minimap"));
  columns.status.forEach((status, i) => { if (status !== "ok") draw(i, "--" + status); });
}
