import { brief, count, seconds } from "./format";
import { overview } from "./live";

// Counters says what is kept, and what had to go to make room.
export function Counters() {
  const now = overview.value;
  if (!now) return <div class="counters" />;
  return (
    <div class="counters" role="group" aria-label="What is kept">
      <Counter name="traces" value={now.traces} />
      <Counter name="spans" value={now.spans} />
      <Counter name="log events" value={now.logEvents} />
      <Counter name="metrics" value={now.metrics} />
      <Counter name="metric datums" value={now.metricDatums} />
      {now.evictedTraces > 0 && <Counter name="traces evicted" value={now.evictedTraces} />}
      {now.evictedLogEvents > 0 && <Counter name="log events evicted" value={now.evictedLogEvents} />}
      <span class="aside">
        {now.oldest > 0 && <span>oldest kept {seconds(now.oldest)}</span>}
        <span>{now.region}</span>
        <span>{now.version}</span>
      </span>
    </div>
  );
}

function Counter({ name, value }: { name: string; value: number }) {
  return <span class="counter" title={count(value) + " " + name}><b>{brief(value)}</b> {name}</span>;
}
