import type { FunctionComponent } from "preact";
import { useState } from "preact/hooks";
import { Help } from "./components/help";
import {
  Logo, LogsIcon, MapIcon, MetricsIcon, MoonIcon, PauseIcon, PlayIcon, RefusedIcon, SamplingIcon, SunIcon, TracesIcon,
} from "./components/icons";
import { useKeys } from "./keys";
import { lazy } from "./lazy";
import { connected, overview, paused } from "./live";
import { Logs } from "./pages/logs";
import { NotFound } from "./pages/notfound";
import { Refused } from "./pages/refused";
import { Trace } from "./pages/trace";
import { Traces } from "./pages/traces";
import { href, open, route } from "./router";
import { Counters } from "./counters";
import { theme, toggleTheme } from "./theme";

interface Page {
  name: string;
  title: string;
  key: string;
  icon: FunctionComponent;
  page: FunctionComponent;
}

const pages: Page[] = [
  { name: "traces", title: "Traces", key: "g t", icon: TracesIcon, page: () => (route.value.part ? <Trace key={route.value.part} /> : <Traces />) },
  { name: "map", title: "Map", key: "g m", icon: MapIcon, page: lazy(() => import("./pages/map")) },
  { name: "logs", title: "Logs", key: "g l", icon: LogsIcon, page: Logs },
  { name: "metrics", title: "Metrics", key: "g g", icon: MetricsIcon, page: lazy(() => import("./pages/metrics")) },
  { name: "sampling", title: "Sampling", key: "g s", icon: SamplingIcon, page: lazy(() => import("./pages/sampling")) },
  { name: "refused", title: "Refused", key: "g r", icon: RefusedIcon, page: Refused },
];

export function App() {
  const [help, setHelp] = useState(false);
  useKeys({
    "?": () => setHelp(true),
    p: () => { paused.value = !paused.value; },
    d: toggleTheme,
    "g f": () => open(href("logs", "tail")),
    "g i": () => open(href("logs", "insights")),
    ...Object.fromEntries(pages.map((page) => [page.key, () => open(href(page.name))])),
  });
  const current = pages.find((page) => page.name === route.value.page);
  const Current = current?.page ?? NotFound;
  document.title = (current ? current.title + " · " : "") + "Updraft";
  return (
    <>
      <header class="shell">
        <a class="brand" href={href("traces")}><Logo /><b>Updraft</b><span>local AWS</span></a>
        <nav aria-label="Pages">
          {pages.map((page) => <Tab key={page.name} page={page} current={page === current} />)}
        </nav>
        <div class="tools">
          <LiveButton />
          <button type="button" class="button icon-only" onClick={toggleTheme}
            aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"} title="Dark or light (d)">
            {theme.value === "dark" ? <SunIcon /> : <MoonIcon />}
          </button>
          <button type="button" class="button icon-only" onClick={() => setHelp(true)} aria-label="Help" title="Keys (?)">?</button>
        </div>
      </header>
      <Counters />
      <main><Current /></main>
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

function Tab({ page, current }: { page: Page; current: boolean }) {
  const refused = page.name === "refused" ? overview.value?.refused ?? 0 : 0;
  return (
    <a href={href(page.name)} aria-current={current ? "page" : undefined} title={`${page.title} (${page.key})`}>
      <page.icon />{page.title}
      {refused > 0 && <span class="badge">{refused}</span>}
    </a>
  );
}

function LiveButton() {
  const state = !connected.value ? "lost" : paused.value ? "paused" : "live";
  const text = { lost: "Reconnecting", paused: "Paused", live: "Live" }[state];
  return (
    <button type="button" class={"button live " + state} aria-pressed={paused.value} title="Pause or resume (p)"
      onClick={() => { paused.value = !paused.value; }}>
      {paused.value ? <PlayIcon /> : <PauseIcon />}<span>{text}</span>
    </button>
  );
}
