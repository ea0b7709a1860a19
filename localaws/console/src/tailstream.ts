// The stream of a live tail: lines as they come, the newest last.
import { useEffect, useReducer, useRef } from "preact/hooks";
import { tailAddress, type LogEvent } from "./api";
import { paused } from "./live";
import { query, type Params } from "./router";

export const keptLines = 2000;
const reconnectAfter = 2000;

export interface TailLine {
  id: number;
  event: LogEvent;
}

export interface TailStream {
  lines: TailLine[];
  waiting: TailLine[]; // came while paused
  received: number; // since the start, or since it was cleared
  sampled: boolean; // the last lines are a sample of more
  open: boolean;
  problem: string;
}

const nothing = (): TailStream => ({ lines: [], waiting: [], received: 0, sampled: false, open: false, problem: "" });

// useTail follows what params ask for; other params begin anew.
export function useTail(params: Params): { tail: TailStream; clear: () => void } {
  const address = tailAddress + query(params);
  const tail = useRef<TailStream>(nothing());
  const next = useRef(0);
  const [, redraw] = useReducer((n: number) => n + 1, 0);

  useEffect(() => {
    tail.current = nothing();
    let source: EventSource;
    let timer = 0;
    const connect = () => {
      source = new EventSource(address);
      source.addEventListener("start", () => {
        Object.assign(tail.current, { open: true, problem: "" });
        redraw(undefined);
      });
      source.addEventListener("lines", (message) => {
        take(JSON.parse(message.data));
        redraw(undefined);
      });
      source.addEventListener("problem", (message) => {
        source.close();
        Object.assign(tail.current, { open: false, problem: JSON.parse(message.data).error });
        redraw(undefined);
      });
      source.onerror = () => {
        tail.current.open = false;
        redraw(undefined);
        if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(connect, reconnectAfter);
      };
    };
    const take = ({ events, sampled }: { events: LogEvent[]; sampled: boolean }) => {
      const now = tail.current;
      const lines = events.map((event) => ({ id: next.current++, event }));
      const into = paused.peek() ? "waiting" : "lines";
      now[into] = [...now[into], ...lines].slice(-keptLines);
      now.received += lines.length;
      now.sampled = sampled;
    };
    connect();
    const resume = paused.subscribe((is) => {
      const now = tail.current;
      if (is || now.waiting.length === 0) return;
      now.lines = [...now.lines, ...now.waiting].slice(-keptLines);
      now.waiting = [];
      redraw(undefined);
    });
    return () => {
      resume();
      clearTimeout(timer);
      source.close();
    };
  }, [address]);

  const clear = () => {
    Object.assign(tail.current, { lines: [], waiting: [], received: 0 });
    redraw(undefined);
  };
  return { tail: tail.current, clear };
}
