import type { Status } from "../api";

// A status is told by shape and word, the colour only repeats it. The shapes
// ○ △ ✕ ⏸ are drawn, since not every font has them.
const shapes: Record<Status, { shape: string; text: string; means: string }> = {
  ok: { shape: "M6 1.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9z", text: "OK", means: "no error" },
  error: { shape: "M6 1.5L11 10.5H1z", text: "Error", means: "a client's error, 4xx" },
  fault: { shape: "M2 2l8 8M10 2l-8 8", text: "Fault", means: "a server's fault, 5xx" },
  throttle: { shape: "M3.5 1.5v9M8.5 1.5v9", text: "Throttle", means: "turned away, 429" },
};

export const statuses: Status[] = ["ok", "error", "fault", "throttle"];

export const statusText = (status: Status) => shapes[status].text;

export function StatusMark({ status, text = true }: { status: Status; text?: boolean }) {
  const { shape, text: word, means } = shapes[status];
  return (
    <span class={"status " + status} title={word + ": " + means}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><path d={shape} /></svg>
      <span class={text ? "" : "hidden"}>{word}</span>
    </span>
  );
}
