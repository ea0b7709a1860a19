import { useEffect, useRef, useState } from "preact/hooks";
import type { Json, LogEvent } from "../api";
import { Copy } from "../components/copy";
import { Facts, objectOf, textOf } from "../components/facts";
import { ChevronIcon } from "../components/icons";
import { JsonView, parseJson } from "../components/json";
import { dateTime, iso, time } from "../format";
import { href, param } from "../router";
import { markedParts, type Rule } from "../textrules";

const markColours = 4; // .mark0 … in styles/logs.css
const beforeLine = 60_000;
const afterLine = 250; // little, so that the line is on the newest page of a busy group

// LogLines is log events as lines that open. Inside a trace a line leads to
// the logs page; elsewhere it leads to its trace.
export function LogLines({ events, inTrace = "" }: { events: LogEvent[]; inTrace?: string }) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string) => {
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  const seen = new Map<string, number>();
  return (
    <ul class="log-lines">
      {events.map((event) => {
        const text = `${event.stream}|${event.timestamp}|${event.message}`;
        const nth = seen.get(text) ?? 0;
        seen.set(text, nth + 1);
        const key = text + "|" + nth;
        return <LogLine key={key} event={event} inTrace={inTrace} open={opened.has(key)} toggle={() => toggle(key)} />;
      })}
    </ul>
  );
}

interface LineProps {
  event: LogEvent;
  inTrace?: string;
  open: boolean;
  toggle: () => void;
  rules?: Rule[]; // what is marked in the text
}

export function LogLine({ event, inTrace = "", open, toggle, rules = [] }: LineProps) {
  const line = readLine(event.message);
  const aimed = !inTrace && param("at") === String(event.timestamp);
  return (
    <li class={`log-line ${level(line.severity)}${aimed ? " aimed" : ""}`}>
      <div class="log-row">
        <button type="button" class="log-open" data-row aria-expanded={open} onClick={toggle}>
          <span class={"fold" + (open ? " unfolded" : "")}><ChevronIcon /></span>
          <time dateTime={iso(event.timestamp)} title={iso(event.timestamp)}>{inTrace ? time(event.timestamp) : dateTime(event.timestamp)}</time>
          <span class="severity">{line.severity}</span>
          <span class="log-text">
            <Marked text={line.text} rules={rules} />
            {line.rest && <span class="dim"> <Marked text={line.rest} rules={rules} /></span>}
          </span>
        </button>
        {inTrace
          ? <a class="jump" href={toLogs(event)}>Open in Logs</a>
          : event.traceId && <a class="jump" href={href("traces", event.traceId, { span: event.spanId, tab: event.spanId && "logs" })}>Trace</a>}
      </div>
      {open && <Opened event={event} json={line.json} />}
    </li>
  );
}

function Opened({ event, json }: { event: LogEvent; json: Json | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <div class="log-more" ref={place}>
      <Copy text={event.message} what="the message" label="Copy message" />
      {json === undefined ? <pre class="plain" tabIndex={0}>{event.message}</pre> : <JsonView value={json} />}
      <Facts facts={[
        ["Group", event.group], ["Stream", event.stream], ["Time", iso(event.timestamp)], ["Ingested", iso(event.ingestion)],
        ["Trace", event.traceId && <a key="trace" href={href("traces", event.traceId)}>{event.traceId}</a>], ["Span", event.spanId],
      ]} />
    </div>
  );
}

// Marked is a text with what the rules find in it marked.
function Marked({ text, rules }: { text: string; rules: Rule[] }) {
  if (rules.length === 0) return <>{text}</>;
  return <>{markedParts(text, rules).map(({ part, rule }, i) => (rule < 0 ? part : <mark key={i} class={"mark" + (rule % markColours)}>{part}</mark>))}</>;
}

// toLogs opens the logs page where the line stands, among its neighbours.
export function toLogs(event: LogEvent): string {
  return href("logs", "", {
    group: event.group, stream: event.stream, start: event.timestamp - beforeLine, end: event.timestamp + afterLine, at: event.timestamp,
  });
}

interface ReadLine {
  severity: string;
  text: string;
  rest: string;
  json: Json | undefined;
}

// readLine finds what a reader looks for first in a JSON message, whatever
// wrote it. Anything else is its own text.
function readLine(message: string): ReadLine {
  const json = parseJson(message);
  const members = objectOf(json);
  const pick = (...names: string[]) => names.map((name) => textOf(members[name])).find(Boolean) ?? "";
  const severity = pick("severity", "level", "lvl").toUpperCase();
  const text = pick("body", "message", "msg");
  if (json === undefined || !text) return { severity, text: message, rest: "", json };
  const attributes = Object.entries(objectOf(members.attributes));
  return { severity, text, rest: attributes.map(([name, value]) => `${name}=${textOf(value)}`).join(" "), json };
}

function level(severity: string): string {
  if (/^(FATAL|CRIT|EMERG|ALERT|ERR)/.test(severity)) return "level-error";
  if (/^WARN/.test(severity)) return "level-warn";
  return /^(DEBUG|TRACE)/.test(severity) ? "level-debug" : "";
}
