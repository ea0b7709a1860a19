// A rule finds a text in lines: the text itself, in any case, or /a pattern/.
export interface Rule {
  source: string;
  find: RegExp; // global
}

export function rule(source: string): Rule {
  const pattern = /^\/(.+)\/$/.exec(source)?.[1];
  const literal = source.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  try {
    return { source, find: new RegExp(pattern ?? literal, "gi") };
  } catch {
    return { source, find: new RegExp(literal, "gi") };
  }
}

export function found(text: string, { find }: Rule): boolean {
  find.lastIndex = 0;
  return find.test(text);
}

// passes tells lines that have one of the included texts, if there are any, and
// none of the excluded.
export function passes(text: string, include: Rule[], exclude: Rule[]): boolean {
  return (include.length === 0 || include.some((rule) => found(text, rule))) && !exclude.some((rule) => found(text, rule));
}

// markedParts cuts a text where rules find something; of two finds that overlap
// the earlier rule's stays. The rule of a part that none found is -1.
export function markedParts(text: string, rules: Rule[]): { part: string; rule: number }[] {
  const finds: { from: number; to: number; rule: number }[] = [];
  rules.forEach(({ find }, rule) => {
    for (const match of text.matchAll(find)) {
      const from = match.index;
      const to = from + match[0].length;
      if (to > from && finds.every((other) => to <= other.from || from >= other.to)) finds.push({ from, to, rule });
    }
  });
  finds.sort((a, b) => a.from - b.from);
  const parts: { part: string; rule: number }[] = [];
  let at = 0;
  for (const { from, to, rule } of finds) {
    if (from > at) parts.push({ part: text.slice(at, from), rule: -1 });
    parts.push({ part: text.slice(from, to), rule });
    at = to;
  }
  if (at < text.length || parts.length === 0) parts.push({ part: text.slice(at), rule: -1 });
  return parts;
}
