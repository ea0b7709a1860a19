import type { Histogram as Data } from "../api";
import { count, counted, dateTime, seconds } from "../format";
import { href, param, route } from "../router";

const height = 56;

// Histogram is how many events matched over time. A bar leads to its range.
export function Histogram({ data }: { data: Data }) {
  const { start, step, counts } = data;
  if (counts.length === 0) return null;
  const most = Math.max(...counts);
  const range = (i: number) => href("logs", "insights", {
    group: route.value.params.getAll("group"), query: param("query"), start: start + i * step, end: start + (i + 1) * step - 1,
  });
  return (
    <figure class="histogram">
      <svg viewBox={`0 0 ${counts.length} ${height}`} height={height} preserveAspectRatio="none" role="img"
        aria-label={`${counted(counts.length, "bar")} of ${stepText(step)}, at most ${counted(most, "event")}`}>
        {counts.map((n, i) => n > 0 && (
          <a key={i} href={range(i)} tabIndex={-1}>
            <title>{`${seconds(start + i * step)}: ${counted(n, "event")}`}</title>
            <rect class="hit" x={i} y="0" width="1" height={height} />
            <rect class="bar-count" x={i + 0.08} width="0.84" y={height - barHeight(n, most)} height={barHeight(n, most)} />
          </a>
        ))}
      </svg>
      <figcaption class="note">
        <span>{dateTime(start).slice(0, -4)}</span>
        <span>bars of {stepText(step)}, at most {count(most)}</span>
        <span>{dateTime(start + counts.length * step).slice(0, -4)}</span>
      </figcaption>
    </figure>
  );
}

const barHeight = (n: number, most: number) => Math.max(2, (n / most) * height);

const units: [ms: number, text: string][] = [[86_400_000, "day"], [3_600_000, "hour"], [60_000, "minute"], [1000, "second"]];

export function stepText(ms: number): string {
  const [length, text] = units.find(([length]) => ms % length === 0) ?? [1, "ms"];
  return counted(ms / length, text);
}
