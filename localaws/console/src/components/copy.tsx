import { useEffect, useState } from "preact/hooks";
import { CheckIcon, CopyIcon } from "./icons";

const shownFor = 1500;

export function Copy({ text, what, label }: { text: string | (() => string); what: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), shownFor);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === "string" ? text : text());
    setDone(true);
  };
  return (
    <button type="button" class={label ? "button small" : "button icon-only"} onClick={() => void copy()}
      title={"Copy " + what} aria-label={label ? undefined : "Copy " + what}>
      {done ? <CheckIcon /> : <CopyIcon />}
      {label && <span>{done ? "Copied" : label}</span>}
      {!label && <span class="hidden" role="status">{done ? "Copied" : ""}</span>}
    </button>
  );
}
