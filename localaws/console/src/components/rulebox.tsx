import { useRef, useState } from "preact/hooks";
import { useKeys } from "../keys";
import { refine, route } from "../router";
import { CloseIcon } from "./icons";

interface Props {
  name: string; // the parameter of the URL, one a rule
  label: string;
  keyName: string; // goes to the box
  coloured?: boolean; // as the lines are marked
}

// RuleBox takes texts one by one, and shows them until they are removed.
export function RuleBox({ name, label, keyName, coloured = false }: Props) {
  const rules = route.value.params.getAll(name);
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useKeys({ [keyName]: () => input.current?.focus() });
  const add = () => {
    const next = text.trim();
    setText("");
    if (next && !rules.includes(next)) refine({ [name]: [...rules, next] }, "replace");
  };
  const remove = (rule: string) => {
    refine({ [name]: rules.filter((one) => one !== rule) }, "replace");
    input.current?.focus();
  };
  return (
    <form class="rule-box" onSubmit={(e) => { e.preventDefault(); add(); }}>
      <input ref={input} type="text" aria-label={label} placeholder={`${label}: text or /pattern/`} title={`Enter adds a text (${keyName})`} value={text}
        spellcheck={false} autocomplete="off" onInput={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => { if (e.key === "Backspace" && text === "" && rules.length > 0) remove(rules.at(-1)!); }} />
      {rules.map((rule, i) => (
        <button key={rule} type="button" class={"chip " + name + (coloured ? ` mark${i % 4}` : "")} onClick={() => remove(rule)} aria-label={`Remove ${label.toLowerCase()} ${rule}`}>
          <code>{rule}</code><CloseIcon />
        </button>
      ))}
    </form>
  );
}
