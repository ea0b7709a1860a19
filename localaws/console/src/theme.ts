import { effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const stored = "updraft.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export const theme = signal<Theme>(chosen() ?? (system.matches ? "dark" : "light"));

system.addEventListener("change", () => {
  if (!chosen()) theme.value = system.matches ? "dark" : "light";
});

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function toggleTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(stored, theme.value);
}

function chosen(): Theme | null {
  const value = localStorage.getItem(stored);
  return value === "light" || value === "dark" ? value : null;
}
