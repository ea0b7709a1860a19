import { useEffect, useRef, useState } from "preact/hooks";
import { tick } from "./live";

export interface Data<T> {
  value: T | null; // the last good answer
  error: string;
  fresh: boolean; // value answers the question asked now, not an earlier one
}

// useData asks whenever key changes and, if live, whenever something arrived.
// An empty key asks nothing.
export function useData<T>(key: string, load: (signal: AbortSignal) => Promise<T>, live = true): Data<T> {
  const [state, setState] = useState({ key: "", value: null as T | null, error: "" });
  const ask = useRef(load);
  ask.current = load;

  useEffect(() => {
    if (!key) return;
    const abort = new AbortController();
    let busy = false;
    let again = false;
    const run = async () => {
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      try {
        const value = await ask.current(abort.signal);
        if (!abort.signal.aborted) setState({ key, value, error: "" });
      } catch (err) {
        if (!abort.signal.aborted) setState((old) => ({ key, value: old.value, error: reason(err) }));
      }
      busy = false;
      if (again && !abort.signal.aborted) {
        again = false;
        void run();
      }
    };
    void run();
    const seen = tick.peek();
    const stop = live ? tick.subscribe((now) => void (now !== seen && run())) : () => {};
    return () => {
      stop();
      abort.abort();
    };
  }, [key, live]);

  return { value: state.value, error: state.key === key ? state.error : "", fresh: state.key === key };
}

// reason is what to tell of an error.
export function reason(err: unknown): string {
  if (err instanceof TypeError) return "The server does not answer.";
  return err instanceof Error ? err.message : String(err);
}
