// Queries that were run, newest first, kept by the browser.
import { signal } from "@preact/signals";

export interface Recent {
  query: string;
  groups: string[];
  at: number;
  pinned: boolean;
}

const stored = "updraft.insights.recent";
const kept = 20; // besides those that are pinned

export const recent = signal<Recent[]>(read());

function read(): Recent[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(stored) ?? "[]");
    return Array.isArray(list) ? list.filter((one) => typeof one?.query === "string" && Array.isArray(one.groups)) : [];
  } catch {
    return [];
  }
}

function write(list: Recent[]): void {
  let others = 0;
  recent.value = list.filter((one) => one.pinned || ++others <= kept);
  localStorage.setItem(stored, JSON.stringify(recent.value));
}

export function remember(query: string, groups: string[]): void {
  const old = recent.value.find((one) => one.query === query);
  write([{ query, groups, at: Date.now(), pinned: old?.pinned ?? false }, ...recent.value.filter((one) => one !== old)]);
}

export function pin(query: string): void {
  write(recent.value.map((one) => (one.query === query ? { ...one, pinned: !one.pinned } : one)));
}

export function forget(query: string): void {
  write(recent.value.filter((one) => one.query !== query));
}
