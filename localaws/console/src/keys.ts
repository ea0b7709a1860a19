// Keys that work anywhere but in a field: the newest handler that knows the key
// takes it, so a page's keys stand before the application's.
import { useLayoutEffect, useRef } from "preact/hooks";

export type Keys = Record<string, () => void>;

const handlers: { current: Keys }[] = [];
let prefix = "";

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(() => {
    handlers.push(latest);
    return () => void handlers.splice(handlers.indexOf(latest), 1);
  }, []);
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, dialog[open]") !== null;
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isField(event.target)) {
    if (event.key === "Escape" && event.target instanceof HTMLInputElement) event.target.blur();
    return;
  }
  const key = prefix + event.key;
  prefix = "";
  for (const { current } of handlers.toReversed()) {
    const handle = current[key];
    if (handle) {
      event.preventDefault();
      handle();
      return;
    }
  }
  if (event.key === "g") prefix = "g ";
});
