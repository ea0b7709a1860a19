import { useEffect, useRef } from "preact/hooks";
import { CloseIcon } from "./icons";
import { StatusMark, statuses } from "./status";

const groups: [title: string, keys: [key: string, does: string][]][] = [
  ["Anywhere", [
    ["?", "this help"], ["/", "go to the filter"], ["p", "pause or resume live updates"], ["d", "dark or light"],
    ["g t", "traces"], ["g m", "map"], ["g l", "logs"], ["g f", "live tail: follow the logs"], ["g i", "Insights"], ["g g", "graphs of metrics"], ["g s", "sampling"], ["g r", "refused"],
  ]],
  ["In a list", [["j  k", "next, previous"], ["Enter", "open"]]],
  ["In the live tail", [
    ["p", "pause, resume"], ["c", "clear"], ["i  x  m", "include, exclude, mark a text"], ["t", "the line's trace"], ["f", "follow the newest line"],
  ]],
  ["In Insights", [["Ctrl Enter", "run the query"], ["Ctrl Space", "complete"], ["/", "go to the query"], ["t", "the row's trace"]]],
  ["In a trace", [
    ["j  k", "next, previous span"], ["e  E", "next, previous span that went wrong"], ["h  l", "collapse, expand"],
    ["r", "the span's raw document"], ["Escape", "close the span"],
  ]],
];

export function Help({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="help" ref={dialog} onClose={close} aria-label="Help">
      <header>
        <h2>Keys</h2>
        <button type="button" class="button icon-only" aria-label="Close" onClick={() => dialog.current?.close()}><CloseIcon /></button>
      </header>
      <div class="help-groups">
        {groups.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>Status</h3>
          <ul class="legend">{statuses.map((s) => <li key={s}><StatusMark status={s} /></li>)}</ul>
        </section>
      </div>
    </dialog>
  );
}
