import { get, type RuleUse, type Sampling, type SamplingRule } from "../api";
import { Loading, Problem } from "../components/empty";
import { LinkIcon } from "../components/icons";
import { useData } from "../data";
import { brief, count, counted, number, percent, seconds } from "../format";
import { href, param } from "../router";
import { Editor } from "./samplingeditor";
import { matchText, rateText } from "./samplingdraft";
import { Simulator } from "./simulator";

export function Page() {
  const data = useData("sampling", (signal) => get<Sampling>("sampling", {}, signal));
  const view = param("view");
  const rules = data.value?.rules;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Sampling</h1>
        <nav class="tabs" aria-label="Views">
          <a href={href("sampling")} aria-current={view === "" ? "page" : undefined}>Rules<span class="badge plain">{rules?.length ?? 0}</span></a>
          <a href={href("sampling", "", { view: "simulator" })} aria-current={view === "simulator" ? "page" : undefined}>Simulator</a>
        </nav>
      </header>
      <Problem text={data.error} />
      {!data.value && !data.error && <Loading />}
      {data.value && (view === "simulator"
        ? <Simulator present={data.value.rules.map((use) => use.rule)} />
        : <Rules sampling={data.value} />)}
    </div>
  );
}

function Rules({ sampling }: { sampling: Sampling }) {
  const chosen = param("rule");
  const rule = sampling.rules.find((use) => use.rule.RuleName === chosen)?.rule;
  const full = sampling.rules.length > sampling.limit;
  return (
    <div class="inner sampling">
      <section class="content" aria-label="Sampling rules">
        <div class="filters">
          <p class="note legend">A request goes by the first rule that it matches. Of a rule's requests the reservoir keeps so many a second, over all clients; the rate is for the others.</p>
          <a class="button" href={href("sampling", "", { add: "1" })} aria-disabled={full ? "true" : undefined} title={full ? `AWS takes ${sampling.limit} rules` : undefined}>New rule</a>
        </div>
        <div class="scroll">
          <table class="rows sampling-rules">
            <thead>
              <tr>
                <th scope="col" class="num">Priority</th><th scope="col">Rule</th><th scope="col" class="num">Reservoir</th><th scope="col" class="num">Rate</th>
                <th scope="col" class="num">Matched</th><th scope="col" class="num">Sampled</th><th scope="col" class="num">Borrowed</th>
                <th scope="col">Last five minutes</th><th scope="col" class="num">Quota</th><th scope="col">Last report</th>
              </tr>
            </thead>
            <tbody>
              {sampling.rules.map((use) => <Row key={use.rule.RuleName} use={use} current={use.rule.RuleName === chosen} />)}
            </tbody>
          </table>
          {sampling.rules.every((use) => use.lastSeen === 0) && <Nobody />}
        </div>
      </section>
      {(rule || param("add")) && <Editor key={chosen} rule={rule} save="server" />}
    </div>
  );
}

function Row({ use, current }: { use: RuleUse; current: boolean }) {
  const { rule, boost } = use;
  return (
    <tr class="open" aria-selected={current ? "true" : undefined}>
      <td class="num">{rule.Priority}</td>
      <td>
        <a href={href("sampling", "", { rule: rule.RuleName })} aria-current={current ? "true" : undefined}><b>{rule.RuleName}</b></a>
        <RuleMatch rule={rule} />
      </td>
      <td class="num">{count(rule.ReservoirSize)} <span class="dim">/s</span></td>
      <td class="num">{rateText(rule.FixedRate)}<Boost rule={rule} boost={boost} /></td>
      <td class="num" title={count(use.matched)}>{brief(use.matched)}</td>
      <td class="num" title={count(use.sampled)}>{brief(use.sampled)}{use.matched > 0 && <span class="dim sub">{percent(use.sampled, use.matched)}</span>}</td>
      <td class="num" title={count(use.borrowed)}>{brief(use.borrowed)}</td>
      <td><Trend use={use} /></td>
      <td class="num" title={use.clients.map((c) => `${c.id}: ${number(c.rate)} requests a second, quota ${c.quota}`).join("\n")}>
        {use.clients.length > 0 && <>{use.quota} <span class="dim">/s</span><span class="dim sub">{counted(use.clients.length, "client")}</span></>}
      </td>
      <td class="nowrap">{use.lastSeen > 0 ? seconds(use.lastSeen) : <span class="dim">never</span>}</td>
    </tr>
  );
}

export const RuleMatch = ({ rule }: { rule: SamplingRule }) => <span class="match">{matchText(rule)}</span>;

function Boost({ rule, boost }: { rule: SamplingRule; boost: RuleUse["boost"] }) {
  if (boost) return <span class="sub boosted" title={"until " + seconds(boost.until)}>now {rateText(boost.rate)}</span>;
  if (!rule.SamplingRateBoost) return null;
  return <span class="dim sub">up to {rateText(rule.SamplingRateBoost.MaxRate)}</span>;
}

const trendWindows = 30;
const windowMs = 10_000;

// Trend is a bar for each ten seconds: what matched, and of it what was sampled.
function Trend({ use }: { use: RuleUse }) {
  const end = Math.floor(Date.now() / windowMs);
  const bars = use.windows.map((w) => ({ ...w, at: trendWindows - 1 - (end - w.start / windowMs) })).filter((w) => w.at >= 0 && w.at < trendWindows);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map((w) => w.matched), 1);
  const height = (n: number) => Math.max(n > 0 ? 1 : 0, (20 * n) / most);
  const sum = (of: "matched" | "sampled") => count(bars.reduce((all, w) => all + w[of], 0));
  return (
    <svg class="trend" width={trendWindows * 4} height="20" role="img" aria-label={`${sum("matched")} matched, ${sum("sampled")} sampled in the last five minutes`}>
      {bars.map((w) => (
        <g key={w.at}>
          <rect class="matched" x={w.at * 4} width="3" y={20 - height(w.matched)} height={height(w.matched)} />
          <rect class="sampled" x={w.at * 4} width="3" y={20 - height(w.sampled)} height={height(w.sampled)} />
        </g>
      ))}
    </svg>
  );
}

const Nobody = () => (
  <p class="note advice">
    No client has reported yet. X-Ray's samplers ask this server when the daemon's address leads here (<code>AWS_XRAY_DAEMON_ADDRESS</code>), or directly when{" "}
    <code>AWS_ENDPOINT_URL</code> does and <code>OTEL_TRACES_SAMPLER=xray</code>. The simulator needs no client: it replays what was recorded.{" "}
    <a href="https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html" target="_blank" rel="noreferrer">AWS on sampling <LinkIcon /></a>
  </p>
);
