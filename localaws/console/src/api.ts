// What the server's /console/api/ answers. Times are milliseconds since 1970,
// durations milliseconds.
import { query, type Params } from "./router";

export interface Overview {
  version: string;
  region: string;
  traces: number;
  segments: number;
  spans: number;
  logEvents: number;
  metricDatums: number;
  metrics: number;
  refused: number;
  evictedTraces: number;
  evictedLogEvents: number;
  oldest: number;
  services: string[];
}

export type Status = "ok" | "error" | "throttle" | "fault";

export interface TraceSummary {
  id: string;
  start: number;
  duration: number;
  name: string;
  method: string;
  url: string;
  httpStatus: number;
  services: string[];
  spans: number;
  status: Status;
  partial: boolean;
}

export interface TracePage {
  traces: TraceSummary[];
  next: string;
}

// Columns are the spans of a trace, depth first.
export interface Columns {
  id: string[];
  parent: number[]; // an index, or -1
  depth: number[];
  name: string[];
  service: string[];
  kind: ("segment" | "subsegment")[];
  namespace: string[];
  start: number[]; // from the start of the trace
  duration: number[];
  status: Status[];
  inProgress: boolean[];
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Trace {
  id: string;
  start: number;
  duration: number;
  status: Status;
  partial: boolean;
  columns: Columns;
  documents: { id: string; document: JsonObject }[];
}

export interface LogEvent {
  group: string;
  stream: string;
  timestamp: number;
  ingestion: number;
  message: string;
  traceId: string;
  spanId: string;
}

export interface LogPage {
  events: LogEvent[];
  next: string;
}

export interface LogGroup {
  name: string;
  streams: number;
  events: number;
  storedBytes: number;
  lastEvent: number;
}

export interface LogStream {
  name: string;
  events: number;
  lastEvent: number; // 0 without an event
}

// A Word is one of the query language of Logs Insights.
export interface Word {
  name: string;
  kind: "command" | "function" | "aggregation" | "keyword";
  usage: string;
  means: string;
}

export interface Field {
  name: string;
  percent: number; // of the newest events
}

// A QueryCheck says what is wrong with a query, and where, in code points.
export interface QueryCheck {
  error: string; // "" where the query is right
  startCharOffset: number;
  endCharOffset: number;
}

export interface QueryRow {
  cells: (string | null)[];
  ptr: string; // of the event; "" for a group of events
  traceId: string;
}

export interface Histogram {
  start: number;
  step: number;
  counts: number[];
}

export interface QueryAnswer {
  columns: string[];
  rows: QueryRow[];
  limited: boolean; // the console asked for no more rows
  stats: boolean; // rows are groups, not events
  time: string; // the column that is a bin of time, or ""
  by: string[]; // the other columns that tell groups apart
  values: string[]; // the columns that were reckoned
  histogram: Histogram; // of the events that passed the filters
  matched: number;
  scanned: number;
  bytes: number;
  elapsedMs: number;
}

export interface LogRecord {
  event: LogEvent;
  fields: { Field: string; Value: string }[];
}

interface Tally {
  count: number;
  ok: number;
  error: number;
  throttle: number;
  fault: number;
  averageMs: number;
}

export interface MapNode extends Tally {
  id: string;
  name: string;
  type: string;
  kind: "client" | "service" | "inferred";
}

export interface MapEdge extends Tally {
  source: string;
  target: string;
}

export interface ServiceMap {
  nodes: MapNode[];
  edges: MapEdge[];
}

export interface Metric {
  namespace: string;
  name: string;
  unit: string;
  dimensions: { name: string; value: string }[];
}

export interface MetricData {
  timestamps: number[];
  values: number[];
  unit: string;
}

export interface Rule {
  id: string;
  service: string;
  operation: string;
  title: string;
  limit: string;
  code: string;
  message: string;
  page: string;
  fix: string;
  certainty: string;
}

export interface Refusal {
  seq: number;
  time: number;
  service: string;
  operation: string;
  rule: Rule;
  field: string;
  value: string;
  item: string;
  itemBytes: number;
  message: string;
  call: boolean;
}

export interface RefusalPage {
  refused: Refusal[];
  next: string | number;
}

// A SamplingRule is a rule as X-Ray's API has it.
export interface SamplingRule {
  RuleName: string;
  Priority: number;
  FixedRate: number;
  ReservoirSize: number;
  ServiceName: string;
  ServiceType: string;
  Host: string;
  HTTPMethod: string;
  URLPath: string;
  ResourceARN: string;
  Version: number;
  Attributes?: Record<string, string>;
  SamplingRateBoost?: { MaxRate: number; CooldownWindowMinutes: number };
}

// RuleUse is what clients did by a rule since the server started.
export interface RuleUse {
  rule: SamplingRule;
  modified: number;
  matched: number;
  sampled: number;
  borrowed: number;
  lastSeen: number; // 0 for never
  quota: number;
  clients: { id: string; rate: number; quota: number; lastSeen: number }[];
  boost: { rate: number; until: number } | null;
  windows: { start: number; matched: number; sampled: number; borrowed: number }[]; // of ten seconds
}

export interface Price {
  date: string;
  page: string;
  region: string;
  freeTraces: number;
  perMillion: number;
}

export interface Sampling {
  rules: RuleUse[];
  limit: number;
  price: Price;
}

// Replayed is what a rule would have done with the recorded requests.
export interface Replayed {
  name: string;
  matched: number;
  borrowed: number;
  reservoir: number;
  byRate: number;
  sampled: number;
  dropped: number;
  kept: number; // share
  failed: number;
  failedKept: number;
  perMonth: number;
  cost: number;
}

export interface Simulation {
  requests: number;
  standFor: number;
  seconds: number;
  unseen: { name: string; matched: number }[];
  present: { rules: Replayed[]; total: Replayed };
  edited: { rules: Replayed[]; total: Replayed } | null;
  price: Price;
}

export const eventsAddress = "api/events";
export const tailAddress = "api/tail";

// get asks the server; an answer that says no becomes an Error with its text.
export async function get<T>(path: string, params: Params, signal: AbortSignal): Promise<T> {
  return answer(await fetch("api/" + path + query(params), { signal }));
}

// post sends the server something; it answers like get.
export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  return answer(await fetch("api/" + path, { method: "POST", headers, body: JSON.stringify(body), signal }));
}

async function answer<T>(response: Response): Promise<T> {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ?? response.statusText);
  return body;
}

// A Query is MetricDataQuery of CloudWatch's API.
export interface Query {
  Id: string;
  Label?: string;
  Expression?: string;
  Period?: number;
  ReturnData?: boolean;
  MetricStat?: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
    Period: number;
    Stat: string;
  };
}

export interface GraphLine {
  id: string;
  label: string;
  timestamps: number[];
  values: number[];
}

export interface Graph {
  lines: GraphLine[];
  messages: { Code: string; Value: string }[];
}

export interface Documents {
  events: LogEvent[];
  total: number;
}

export interface NamespaceCost {
  namespace: string;
  series: number;
  free: boolean;
  cost: number; // US dollars a month, like all costs
  names: { name: string; series: number; cost: number }[];
  dimensions: { name: string; values: number; series: number; saved: number; cost: number; sample: string[] }[];
}

export interface Cardinality {
  namespaces: NamespaceCost[];
  series: number;
  cost: number;
  price: { date: string; page: string; region: string; freeMetrics: number; tiers: { metrics: number; perMonth: number }[] };
}

export interface Alarm {
  name: string;
  description: string;
  state: "OK" | "ALARM" | "INSUFFICIENT_DATA";
  reason: string;
  changed: number;
  operator: string;
  threshold: number;
  missing: string;
  periods: number;
  toAlarm: number;
  actions: boolean;
  queries: Query[];
  history: { at: number; summary: string }[];
}

// An OTLPMetric is one that PromQL can ask for.
export interface OTLPMetric {
  name: string;
  type: string;
  unit: string;
  temporality: string;
  series: number;
  labels: string[];
}

export interface PromSeries {
  metric: Record<string, string>;
  values?: [seconds: number, value: string][];
  histograms?: unknown[];
}

export interface PromAnswer {
  data: { resultType: "matrix"; result: PromSeries[] };
  warnings: string[];
  infos: string[];
  series: number;
  samples: number;
}
