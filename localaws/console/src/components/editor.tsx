// An editor of queries: a text field whose text is coloured by a copy behind it,
// with completion at the caret and the mistake underlined.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Field, QueryCheck, Word } from "../api";
import { useKeys } from "../keys";
import { complete, tokens, unitsAt, type Completions, type Token } from "../querytext";

interface Props {
  text: string;
  setText: (text: string) => void;
  run: () => void;
  check: QueryCheck | null; // of this very text
  words: Word[];
  fields: Field[];
}

const leastLines = 4;
const mostLines = 14;

export function Editor({ text, setText, run, check, words, fields }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const caret = useRef(-1); // where to put it after the next drawing
  const [offer, setOffer] = useState<Completions | null>(null);
  const [chosen, setChosen] = useState(0);
  useKeys({ "/": () => area.current?.focus() });
  useLayoutEffect(() => {
    if (caret.current < 0) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = -1;
  });

  const suggest = (value: string, asked: boolean) => {
    const at = area.current!;
    setChosen(0);
    setOffer(at.selectionStart === at.selectionEnd ? complete(value, at.selectionStart, asked, words, fields) : null);
  };
  const accept = (i: number) => {
    const at = area.current!;
    const { insert, caret: inside } = offer!.list[i];
    const rest = text.slice(at.selectionEnd);
    const doubled = /\s$/.test(insert) && /^\s/.test(rest) ? 1 : insert.endsWith("()") && rest.startsWith("(") ? 2 : 0;
    caret.current = offer!.from + Math.min(inside, insert.length - doubled);
    setText(text.slice(0, offer!.from) + insert.slice(0, insert.length - doubled) + rest);
    setOffer(null);
    at.focus();
  };
  const key = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      setOffer(null);
      run();
    } else if (event.key === " " && event.ctrlKey) {
      suggest(text, true);
    } else if (offer && move) {
      setChosen((chosen + move + offer.list.length) % offer.list.length);
    } else if (offer && (event.key === "Enter" || event.key === "Tab")) {
      accept(chosen);
    } else if (event.key === "Escape") {
      if (offer) setOffer(null);
      else area.current?.blur();
    } else {
      return;
    }
    event.preventDefault();
  };
  const lines = Math.min(mostLines, Math.max(leastLines, text.split("\n").length));
  const wrong = check?.error ? "query-error" : undefined;
  return (
    <div class={"code" + (wrong ? " wrong" : "")}>
      <div class="code-box" style={{ height: `calc(${lines} * var(--code-line) + 16px)` }}>
        <pre ref={behind} aria-hidden="true"><Coloured text={text} check={check} words={words} />{"\n"}</pre>
        <textarea ref={area} value={text} wrap="off" spellcheck={false} autocomplete="off" autocapitalize="off" aria-label="Query"
          aria-invalid={wrong ? "true" : undefined} aria-describedby={wrong} aria-autocomplete="list"
          aria-controls={offer ? "completions" : undefined} aria-activedescendant={offer ? "completion-" + chosen : undefined}
          placeholder={'fields @timestamp, @message\n| filter @message like "error"'}
          onInput={(e) => { setText(e.currentTarget.value); suggest(e.currentTarget.value, false); }}
          onKeyDown={key} onBlur={() => setOffer(null)} onClick={() => setOffer(null)}
          onScroll={(e) => behind.current?.scrollTo({ left: e.currentTarget.scrollLeft, top: e.currentTarget.scrollTop })} />
        {offer && <Popup offer={offer} chosen={chosen} choose={accept} text={text} scrolled={area.current!} />}
      </div>
      {check?.error && <Mistake text={text} check={check} />}
    </div>
  );
}

function Mistake({ text, check }: { text: string; check: QueryCheck }) {
  const before = text.slice(0, unitsAt(text, check.startCharOffset)).split("\n");
  const place = / at line \d+ and position \d+$/.test(check.error) ? "" : ` at line ${before.length} and position ${[...before.at(-1)!].length + 1}`;
  return <p class="query-error" id="query-error" role="alert">{check.error}{place}</p>;
}

interface PopupProps {
  offer: Completions;
  chosen: number;
  choose: (i: number) => void;
  text: string;
  scrolled: HTMLTextAreaElement;
}

// Popup stands under the word that it completes: the letters are all as wide.
function Popup({ offer, chosen, choose, text, scrolled }: PopupProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }), [chosen]);
  const before = text.slice(0, offer.from).split("\n");
  const place = {
    left: `min(calc(${before.at(-1)!.length}ch - ${scrolled.scrollLeft}px + 10px), calc(100% - 440px))`,
    top: `calc(${before.length} * var(--code-line) - ${scrolled.scrollTop}px + 10px)`,
  };
  return (
    <ul class="completions" id="completions" role="listbox" aria-label="Completions" ref={list} style={place}>
      {offer.list.map((one, i) => (
        <li key={one.kind + one.label} id={"completion-" + i} role="option" aria-selected={i === chosen}
          onMouseDown={(e) => { e.preventDefault(); choose(i); }}>
          <code class={"code-" + one.kind}>{one.label}</code>
          <span class="dim">{one.means}</span>
          {i === chosen && one.usage !== one.label && <code class="usage">{one.usage}</code>}
        </li>
      ))}
    </ul>
  );
}

// Coloured is the text as the field has it, letter for letter.
function Coloured({ text, check, words }: { text: string; check: QueryCheck | null; words: Word[] }) {
  const list = useMemo(() => tokens(text), [text]);
  const known = useMemo(() => new Map(words.map((word) => [word.name.toLowerCase(), word.kind])), [words]);
  const from = check?.error ? unitsAt(text, check.startCharOffset) : -1;
  const to = check?.error ? Math.max(unitsAt(text, check.endCharOffset), from + 1) : -1;
  return (
    <>
      {list.map((token, i) => {
        const cuts = [token.at, clamp(from, token), clamp(to, token), token.at + token.text.length];
        const name = "code-" + kindOf(token, list, i, known);
        return (
          <span key={token.at} class={name}>
            {text.slice(cuts[0], cuts[1])}{cuts[2] > cuts[1] && <u class="mistake">{text.slice(cuts[1], cuts[2])}</u>}{text.slice(Math.max(cuts[1], cuts[2]), cuts[3])}
          </span>
        );
      })}
      {from >= text.length && <u class="mistake"> </u>}
    </>
  );
}

const clamp = (at: number, token: Token) => Math.min(Math.max(at, token.at), token.at + token.text.length);

// kindOf tells commands at the beginning of one, and functions before a bracket.
function kindOf(token: Token, list: Token[], i: number, known: Map<string, Word["kind"]>): string {
  if (token.kind !== "name") return token.kind;
  const kind = known.get(token.text.toLowerCase());
  const previous = list.slice(0, i).findLast((t) => t.kind !== "space" && t.kind !== "comment");
  if (kind === "command") return !previous || previous.kind === "pipe" ? "command" : "field";
  if (kind === "function" || kind === "aggregation") return list[i + 1]?.text === "(" ? "function" : "field";
  return kind ?? "field";
}
