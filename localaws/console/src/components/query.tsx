import { useEffect, useRef, useState } from "preact/hooks";
import { param, refine } from "../router";
import { useKeys } from "../keys";
import { SearchIcon } from "./icons";

interface Props {
  name: string; // the parameter of the URL
  label: string;
  placeholder: string;
  error?: string;
  examples?: [query: string, means: string][];
}

// QueryBox takes a query, asks on Enter, and says under itself what is wrong.
export function QueryBox({ name, label, placeholder, error, examples = [] }: Props) {
  const asked = param(name);
  const [text, setText] = useState(asked);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(asked), [asked]);
  useKeys({ "/": () => input.current?.focus() });
  const ask = (value: string) => {
    setText(value);
    refine({ [name]: value.trim(), before: "" });
  };
  return (
    <form class="query" role="search" onSubmit={(e) => { e.preventDefault(); ask(text); }}>
      <div class={"query-box" + (error ? " wrong" : "")}>
        <SearchIcon />
        <input ref={input} type="text" value={text} aria-label={label} placeholder={placeholder} spellcheck={false}
          autocomplete="off" autocapitalize="off" aria-invalid={error ? "true" : undefined}
          aria-describedby={error ? name + "-error" : undefined} onInput={(e) => setText(e.currentTarget.value)} />
        {text && <button type="button" class="button bare" onClick={() => ask("")}>Clear</button>}
        {examples.length > 0 && <Examples examples={examples} choose={ask} />}
      </div>
      {error && <p class="query-error" id={name + "-error"} role="alert">{error}</p>}
    </form>
  );
}

function Examples({ examples, choose }: { examples: [string, string][]; choose: (query: string) => void }) {
  const details = useRef<HTMLDetailsElement>(null);
  const pick = (query: string) => {
    if (details.current) details.current.open = false;
    choose(query);
  };
  return (
    <details class="examples" ref={details} onKeyDown={(e) => { if (e.key === "Escape") e.currentTarget.open = false; }}>
      <summary>Examples</summary>
      <ul>
        {examples.map(([query, means]) => (
          <li key={query}>
            <button type="button" onClick={() => pick(query)}><code>{query}</code><span>{means}</span></button>
          </li>
        ))}
      </ul>
    </details>
  );
}
