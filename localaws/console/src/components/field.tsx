import { useState } from "preact/hooks";

interface Props {
  value: string;
  commit: (text: string) => void;
  "aria-label": string;
  type?: "text" | "datetime-local";
  class?: string;
  placeholder?: string;
  list?: string; // of suggestions
  size?: number;
  step?: string;
  spellcheck?: boolean;
}

// Field is a text that counts when the field is left, or by Enter. Until then
// what is typed outlives what is drawn anew around it as data arrives.
export function Field({ value, commit, ...rest }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <input {...rest} value={typed ?? value} onInput={(e) => setTyped(e.currentTarget.value)} onBlur={() => setTyped(null)}
      onChange={(e) => { setTyped(null); commit(e.currentTarget.value); }} />
  );
}
