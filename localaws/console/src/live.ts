// One stream of server-sent events per tab tells that something arrived; pages
// then ask again for what they show, at most once a second.
import { effect, signal } from "@preact/signals";
import { eventsAddress, type Overview } from "./api";

const refreshEvery = 1000;
const reconnectAfter = 2000;

export const overview = signal<Overview | null>(null);
export const connected = signal(false);
export const paused = signal(false);
export const tick = signal(0); // grows when pages should ask again

let waiting = 0; // timer of the next tick
let lastTick = 0;
let missed = false; // something arrived while nobody looked

function changed(): void {
  if (paused.peek() || document.hidden) {
    missed = true;
    return;
  }
  if (waiting) return;
  waiting = window.setTimeout(() => {
    waiting = 0;
    lastTick = performance.now();
    missed = false;
    tick.value++;
  }, Math.max(0, lastTick + refreshEvery - performance.now()));
}

function catchUp(): void {
  if (missed) changed();
}

export function connect(): void {
  const events = new EventSource(eventsAddress);
  events.addEventListener("overview", (event) => {
    connected.value = true;
    overview.value = JSON.parse(event.data);
    changed();
  });
  events.onerror = () => {
    connected.value = false;
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, reconnectAfter);
  };
}

addEventListener("visibilitychange", catchUp);
effect(() => {
  if (!paused.value) catchUp();
});
