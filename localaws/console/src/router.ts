// The URL is the whole state: #/page/part?name=value. What opens something new
// is pushed, so that the back button returns; what refines it is replaced.
import { signal } from "@preact/signals";

export interface Route {
  page: string;
  part: string; // what of the page, e.g. a trace id
  params: URLSearchParams;
}

export type Params = Record<string, string | string[] | number | undefined>;

export const route = signal<Route>(parse(location.hash));

addEventListener("hashchange", () => {
  route.value = parse(location.hash);
});

function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [page = "", part = ""] = path.split("/");
  return { page: page || "traces", part: decodeURIComponent(part), params: new URLSearchParams(query) };
}

// query is ?name=value&… of what is not empty, or "".
export function query(params: Params): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== "") out.append(name, String(one));
    }
  }
  const text = out.toString();
  return text && "?" + text;
}

export function href(page: string, part = "", params: Params = {}): string {
  return "#/" + page + (part && "/" + encodeURIComponent(part)) + query(params);
}

export function open(address: string): void {
  location.hash = address;
}

// refine changes parameters of the page that is open.
export function refine(changes: Params, how: "push" | "replace" = "push"): void {
  const { page, part, params } = route.value;
  const next: Params = {};
  for (const name of new Set(params.keys())) next[name] = params.getAll(name);
  const address = href(page, part, { ...next, ...changes });
  if (how === "push") {
    open(address);
    return;
  }
  history.replaceState(null, "", address);
  route.value = parse(location.hash);
}

export function param(name: string): string {
  return route.value.params.get(name) ?? "";
}
