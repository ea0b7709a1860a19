// stepFocus moves the focus to the next or previous row: an element with
// data-row under root.
export function stepFocus(root: Element | null, by: 1 | -1): void {
  const rows = [...(root?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// openTrace follows the link of the focused row to its trace.
export function openTrace(): void {
  document.activeElement?.closest("[data-line], li, tr")?.querySelector<HTMLAnchorElement>("a.jump")?.click();
}
