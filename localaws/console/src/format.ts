// Numbers and times as a reader wants them. Times are local.

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "2-digit" });
const whole = new Intl.NumberFormat("en");
const precise = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });

export function time(ms: number): string {
  return clock.format(ms);
}

// dateTime names the day unless it is today.
export function dateTime(ms: number): string {
  const date = day.format(ms);
  return date === day.format(Date.now()) ? time(ms) : date + " " + time(ms);
}

// seconds is a time whose fraction says nothing.
export function seconds(ms: number): string {
  return dateTime(ms).slice(0, -4);
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function duration(ms: number): string {
  if (ms < 0.0005) return "0 ms";
  if (ms < 1) return +(ms * 1000).toPrecision(3) + " µs";
  if (ms < 1000) return +ms.toPrecision(3) + " ms";
  if (ms < 60_000) return +(ms / 1000).toPrecision(3) + " s";
  return Math.floor(ms / 60_000) + " m " + Math.round((ms % 60_000) / 1000) + " s";
}

export function count(n: number): string {
  return whole.format(n);
}

// counted is "1 span", "2 spans".
export function counted(n: number, one: string): string {
  return count(n) + " " + one + (n === 1 ? "" : "s");
}

// brief is a count in little space: 12,345 is 12.3k.
export function brief(n: number): string {
  if (n < 10_000) return count(n);
  return n < 1_000_000 ? +(n / 1000).toPrecision(3) + "k" : +(n / 1_000_000).toPrecision(3) + "M";
}

export function number(n: number): string {
  return precise.format(n);
}

export function bytes(n: number): string {
  if (n < 1024) return counted(n, "byte");
  return n < 1 << 20 ? +(n / 1024).toPrecision(3) + " KB" : +(n / (1 << 20)).toPrecision(3) + " MB";
}

export function percent(part: number, of: number): string {
  const share = of ? (100 * part) / of : 0;
  return (share && share < 1 ? share.toFixed(1) : Math.round(share)) + " %";
}
