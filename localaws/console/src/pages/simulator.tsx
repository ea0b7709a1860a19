import { useEffect, useRef, useState } from "preact/hooks";
import { post, type Replayed, type SamplingRule, type Simulation } from "../api";
import { Empty, Loading, Problem } from "../components/empty";
import { LinkIcon } from "../components/icons";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { reason, useData } from "../data";
import { brief, count, counted, duration, number, percent } from "../format";
import { href, param, refine } from "../router";
import { RuleMatch } from "./sampling";
import { callsFor, defaultName, draftWith, rateText, readDraft, sameRule, writeDraft } from "./samplingdraft";
import { Editor } from "./samplingeditor";

const followed = 20_000; // recorded requests; more are not replayed anew each second

const scales = ["1", "10", "100", "1000"];

// Simulator replays the recorded requests through the rules of the server and
// through the draft.
export function Simulator({ present }: { present: SamplingRule[] }) {
  useEffect(() => { // a rule that comes from the editor goes into the draft
    if (param("try")) refine({ try: "", draft: draftWith(readDraft() ?? present, JSON.parse(param("try"))) }, "replace");
  }, [param("try")]);
  const draft = readDraft();
  const rules = draft ?? present;
  const scale = param("scale") || "1";
  const key = ["simulate", rangeKey(), scale, JSON.stringify(rules)].join("|");
  const many = useRef(false);
  const data = useData(key, (signal) => post<Simulation>("sampling/simulate", { ...rangeNow(), scale: Number(scale), rules }, signal), !many.current);
  many.current = (data.value?.requests ?? 0) > followed;
  const chosen = rules.find((rule) => rule.RuleName === param("rule"));
  return (
    <div class="inner sampling">
      <section class="content" aria-label="Simulator">
        <div class="filters">
          <p class="note legend">What other rules would have kept of the recorded requests, and what that would cost.</p>
          <select aria-label="Traffic" value={scale} onChange={(e) => refine({ scale: e.currentTarget.value === "1" ? "" : e.currentTarget.value })}>
            {scales.map((n) => <option key={n} value={n}>{n === "1" ? "Traffic as recorded" : `${count(Number(n))} times the traffic`}</option>)}
          </select>
          <RangePicker />
          <a class="button" href={href("sampling", "", { view: "simulator", add: "1", draft: param("draft"), scale: param("scale"), range: param("range") })}>Add rule</a>
          <Apply draft={draft} present={present} />
        </div>
        <Problem text={data.error} />
        {!data.value && !data.error && <Loading />}
        {data.value && (data.value.requests === 0
          ? <Empty title="There are no recorded requests to replay."><p>The simulator takes the root segments of the traces that are kept. Send some, or choose a longer time.</p></Empty>
          : <Result simulation={data.value} rules={rules} present={present} stale={!data.fresh} />)}
      </section>
      {(chosen || param("add")) && <Editor key={param("rule") + JSON.stringify(chosen)} rule={chosen} save="draft" present={present} />}
    </div>
  );
}

// Apply makes the server's rules what the draft says, by the AWS calls.
function Apply({ draft, present }: { draft: SamplingRule[] | null; present: SamplingRule[] }) {
  const [problem, setProblem] = useState("");
  const changes = draft ? changesOf(draft, present) : [];
  const apply = async () => {
    setProblem("");
    try {
      for (const [operation, body] of changes) await post("sampling/" + operation, body);
      writeDraft(null);
    } catch (err) {
      setProblem(reason(err));
    }
  };
  return (
    <>
      <button type="button" class="button" disabled={!draft} onClick={() => writeDraft(null)}>Discard the draft</button>
      <button type="button" class="button primary" disabled={changes.length === 0} onClick={() => void apply()}>
        {changes.length > 0 ? "Use these rules: " + counted(changes.length, "change") : "Use these rules"}
      </button>
      <Problem text={problem} />
    </>
  );
}

function changesOf(draft: SamplingRule[], present: SamplingRule[]): [operation: string, body: unknown][] {
  const now = new Map(present.map((rule) => [rule.RuleName, rule]));
  const then = new Set(draft.map((rule) => rule.RuleName));
  const changes: [string, unknown][] = present.filter((rule) => !then.has(rule.RuleName) && rule.RuleName !== defaultName)
    .map((rule) => ["DeleteSamplingRule", { RuleName: rule.RuleName }]);
  for (const rule of draft) {
    const old = now.get(rule.RuleName);
    if (!old || !sameRule(old, rule)) changes.push(...callsFor(old, rule));
  }
  return changes;
}

function Result({ simulation, rules, present, stale }: { simulation: Simulation; rules: SamplingRule[]; present: SamplingRule[]; stale: boolean }) {
  const now = new Map(simulation.present.rules.map((rule) => [rule.name, rule]));
  const then = new Map(simulation.edited?.rules.map((rule) => [rule.name, rule]));
  const gone = present.filter((rule) => !rules.some((r) => r.RuleName === rule.RuleName));
  return (
    <div class={"scroll" + (stale ? " stale" : "")}>
      <table class="rows simulated">
        <thead>
          <tr><th scope="colgroup" colSpan={4} /><th scope="colgroup" colSpan={3} class="group">Now</th><th scope="colgroup" colSpan={3} class="group">With these rules</th><th /></tr>
          <tr>
            <th scope="col" class="num">Priority</th><th scope="col">Rule</th><th scope="col" class="num">Reservoir</th><th scope="col" class="num">Rate</th>
            {["now", "then"].map((when) => [
              <th key={when + 1} scope="col" class="num">Matched</th>, <th key={when + 2} scope="col" class="num">Kept</th>, <th key={when + 3} scope="col" class="num">$ a month</th>,
            ])}
            <th scope="col"><span class="hidden">Remove</span></th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => <Row key={rule.RuleName} rule={rule} rules={rules} old={present.find((r) => r.RuleName === rule.RuleName)} now={now.get(rule.RuleName)} then={then.get(rule.RuleName)} />)}
          {gone.map((rule) => <Row key={rule.RuleName} rule={rule} rules={rules} now={now.get(rule.RuleName)} gone />)}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={4}>Total</th>
            <Numbers of={simulation.present.total} /><Numbers of={simulation.edited?.total} than={simulation.present.total} /><td />
          </tr>
        </tfoot>
      </table>
      <Notes simulation={simulation} />
    </div>
  );
}

interface RowProps { rule: SamplingRule; rules: SamplingRule[]; old?: SamplingRule; now?: Replayed; then?: Replayed; gone?: boolean }

function Row({ rule, rules, old, now, then, gone = false }: RowProps) {
  const put = (change: Partial<SamplingRule>) => writeDraft(rules.map((r) => (r === rule ? { ...r, ...change } : r)));
  const remove = () => writeDraft(rules.filter((r) => r !== rule));
  const mark = gone ? "removed" : !old ? "new" : sameRule(old, rule) ? "" : "changed";
  return (
    <tr class={mark}>
      <td class="num">{rule.Priority}</td>
      <td>
        {gone ? <b>{rule.RuleName}</b> : <a href={href("sampling", "", { view: "simulator", rule: rule.RuleName, draft: param("draft"), scale: param("scale"), range: param("range") })}><b>{rule.RuleName}</b></a>}
        {mark && <span class="tag">{mark}</span>}
        <RuleMatch rule={rule} />
      </td>
      <td class="num">{gone ? rule.ReservoirSize : <Amount label={"Reservoir of " + rule.RuleName} value={rule.ReservoirSize} step="1" put={(n) => put({ ReservoirSize: n })} />}</td>
      <td class="num">{gone ? rateText(rule.FixedRate)
        : <Amount label={"Rate of " + rule.RuleName + " in %"} value={+(rule.FixedRate * 100).toPrecision(10)} step="any" max={100} put={(n) => put({ FixedRate: +(n / 100).toPrecision(10) })} />}</td>
      <Numbers of={now} /><Numbers of={then} than={now} />
      <td>{!gone && rule.RuleName !== defaultName && <button type="button" class="button small bare" aria-label={"Remove " + rule.RuleName} onClick={remove}>Remove</button>}</td>
    </tr>
  );
}

// Amount is a number in the draft; it counts when the field is left, or by Enter.
function Amount({ label, value, put, step, max }: { label: string; value: number; put: (n: number) => void; step: string; max?: number }) {
  const [text, setText] = useState(String(value)); // what is being typed outlives a refresh
  useEffect(() => setText(String(value)), [value]);
  return (
    <input class="amount" type="number" min={0} max={max} step={step} aria-label={label} value={text} onInput={(e) => setText(e.currentTarget.value)}
      onChange={(e) => e.currentTarget.value !== "" && e.currentTarget.validity.valid && put(e.currentTarget.valueAsNumber)} />
  );
}

const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function Numbers({ of, than }: { of?: Replayed; than?: Replayed }) {
  if (!of) return <><td class="first" /><td /><td /></>;
  const change = than ? Math.sign(+(of.cost - than.cost).toFixed(2)) : 0;
  return (
    <>
      <td class="num first" title={number(of.matched)}>{brief(Math.round(of.matched))}</td>
      <td class="num" title={`${number(of.borrowed)} borrowed, ${number(of.reservoir)} by quota, ${number(of.byRate)} by rate`}>
        {brief(Math.round(of.sampled))}{of.matched > 0 && <span class="dim sub">{percent(of.sampled, of.matched)}</span>}
      </td>
      <td class={"num" + (change > 0 ? " more" : change < 0 ? " less" : "")} title={count(Math.round(of.perMonth)) + " traces a month"}>{money.format(of.cost)}</td>
    </>
  );
}

function Notes({ simulation }: { simulation: Simulation }) {
  const { requests, standFor, seconds, unseen, present, edited, price } = simulation;
  return (
    <ul class="note advice">
      <li>{counted(requests, "recorded request")} in {duration(seconds * 1000)}{standFor > requests && `, standing for ${count(Math.round(standFor))}: clients report how many more there were`}. A month is 30 days at this pace.{requests > followed && " These are so many that the figures follow no new ones by themselves."}</li>
      {edited && edited.total.failed > 0 && <li>
        Of requests that failed, {percent(present.total.failedKept, present.total.failed)} are kept now and {percent(edited.total.failedKept, edited.total.failed)} with these rules.
      </li>}
      {unseen.map((rule) => <li key={rule.name}>{rule.name} matched {counted(rule.matched, "request")} and kept none, so that they cannot be replayed.</li>)}
      <li>
        X-Ray records {count(price.freeTraces)} traces a month for nothing, and more at ${money.format(price.perMillion)} a million ({price.region}, as of {price.date}).{" "}
        <a href={price.page} target="_blank" rel="noreferrer">Prices <LinkIcon /></a>
      </li>
    </ul>
  );
}
