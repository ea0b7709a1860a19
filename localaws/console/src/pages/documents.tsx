import { get, type Documents as Answer, type LogEvent } from "../api";
import { CloseIcon } from "../components/icons";
import { Problem } from "../components/empty";
import { useData } from "../data";
import { counted, dateTime, seconds } from "../format";
import { href, param, refine } from "../router";
import type { Line } from "./widget";

const aroundEvent = 60_000; // of the log page that an event is shown on

// Documents are the log events in the embedded metric format behind the point
// that the URL names.
export function Documents({ lines, period }: { lines: Line[]; period: number }) {
  const [id, at] = param("point").split("@");
  const line = lines.find((one) => one.id === id && one.metric);
  const from = Number(at);
  const asked = line && Number.isFinite(from) && from > 0;
  const data = useData(asked ? param("point") + "|" + JSON.stringify(line.metric) : "", (signal) => get<Answer>("metrics/documents", {
    namespace: line!.metric!.namespace, name: line!.metric!.name, dimension: line!.metric!.dimensions.map(([n, v]) => n + "=" + v),
    start: from, end: from + (line!.period ?? period) * 1000,
  }, signal), false);
  if (!asked) return null;
  const found = data.value;
  return (
    <section class="documents" aria-label="Log events behind the point">
      <header>
        <h2>Log events behind {id} at {seconds(from)}</h2>
        <button type="button" class="button icon-only" aria-label="Close" onClick={() => refine({ point: "" })}><CloseIcon /></button>
      </header>
      <Problem text={data.error} />
      {found && found.total === 0 && <p class="note">No log event in the embedded metric format made this point; it came by PutMetricData.</p>}
      {found && found.total > found.events.length && <p class="note">The first {found.events.length} of {counted(found.total, "event")}.</p>}
      {found?.events.map((event, i) => <Document key={i} event={event} />)}
    </section>
  );
}

function Document({ event }: { event: LogEvent }) {
  const place = href("logs", "", { group: event.group, stream: event.stream, start: event.timestamp - aroundEvent, end: event.timestamp + aroundEvent, at: event.timestamp });
  return (
    <article>
      <p>
        <a href={place}>{event.group} · {event.stream}</a> <span class="dim">{dateTime(event.timestamp)}</span>
        {event.traceId && <> · <a href={href("traces", event.traceId)}>trace</a></>}
      </p>
      <pre class="plain">{pretty(event.message)}</pre>
    </article>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
