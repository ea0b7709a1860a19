import { useRef, useState } from "preact/hooks";

// useHeld keeps a live list from jumping under a reader: while reading() holds,
// rows that are shown are brought up to date and new ones wait. It must be
// mounted anew for another list.
export function useHeld<T>(latest: T[], id: (row: T) => string, reading: () => boolean) {
  const shown = useRef<T[]>([]);
  const [, redraw] = useState(0);
  if (shown.current.length === 0 || !reading()) {
    shown.current = latest;
  } else {
    const now = new Map(latest.map((row) => [id(row), row]));
    shown.current = shown.current.map((row) => now.get(id(row)) ?? row);
  }
  const known = new Set(shown.current.map(id));
  const release = () => redraw((n) => n + 1);
  return { rows: shown.current, waiting: latest.filter((row) => !known.has(id(row))).length, release };
}
