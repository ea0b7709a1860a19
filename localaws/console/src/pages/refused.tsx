import { useRef } from "preact/hooks";
import { get, type Refusal, type RefusalPage, type Rule } from "../api";
import { Copy } from "../components/copy";
import { Empty, Problem } from "../components/empty";
import { Facts } from "../components/facts";
import { LinkIcon } from "../components/icons";
import { JsonView, parseJson } from "../components/json";
import { useData } from "../data";
import { bytes, counted, dateTime, iso } from "../format";
import { useKeys } from "../keys";
import { stepFocus } from "../rows";
import { href, param } from "../router";

const pageSize = 100;

const services: Record<string, string> = { "*": "All services", xray: "X-Ray", logs: "CloudWatch Logs", cloudwatch: "CloudWatch" };
const serviceName = (service: string) => services[service] ?? service;

export function Refused() {
  const before = param("before");
  const page = useData("refused|" + before, (signal) => get<RefusalPage>("refused", { before, limit: pageSize }, signal), before === "");
  const rules = useData("rules", (signal) => get<{ rules: Rule[] }>("rules", {}, signal), false);
  const list = page.value?.refused;
  const table = param("view") === "rules" || (list?.length === 0 && before === "");
  return (
    <div class="page">
      <header class="page-head">
        <h1>AWS would have refused this because …</h1>
        <nav class="tabs" aria-label="Views">
          <a href={href("refused")} aria-current={param("view") === "" ? "page" : undefined}>Refused</a>
          <a href={href("refused", "", { view: "rules" })} aria-current={param("view") === "rules" ? "page" : undefined}>All rules<span class="badge plain">{rules.value?.rules.length ?? 0}</span></a>
        </nav>
      </header>
      <Problem text={page.error || rules.error} />
      {table && rules.value && <div class="scroll">
        {param("view") === "" && <Empty title="Nothing was refused."><p>Everything that was sent here, AWS would have taken. It was checked by these rules.</p></Empty>}
        <Rules rules={rules.value.rules} />
      </div>}
      {!table && list && <Cases key={before} list={list} next={String(page.value?.next ?? "")} />}
    </div>
  );
}

function Cases({ list, next }: { list: Refusal[]; next: string }) {
  const side = useRef<HTMLElement>(null);
  useKeys({ j: () => stepFocus(side.current, 1), k: () => stepFocus(side.current, -1) });
  const first = useRef(list[0]?.seq); // newer ones must not push away what is being read
  const chosen = list.find((refusal) => String(refusal.seq) === (param("seq") || String(first.current))) ?? list[0];
  return (
    <div class="sided inner">
      <nav class="side" aria-label="Refused items" ref={side}>
        <ul>
          {list.map((refusal) => (
            <li key={refusal.seq}>
              <a data-row href={href("refused", "", { seq: refusal.seq, before: param("before") })} aria-current={refusal === chosen ? "true" : undefined}>
                <b>{refusal.rule.title}</b>
                <span>{refusal.operation} · {refusal.call ? "whole call" : "one item"}</span>
                <span>{dateTime(refusal.time)}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="paging">
          {param("before") && <a href={href("refused")}>Newest</a>}
          {next && next !== "0" && <a href={href("refused", "", { before: next })}>Older</a>}
        </div>
      </nav>
      {chosen && <Case refusal={chosen} />}
    </div>
  );
}

function Case({ refusal }: { refusal: Refusal }) {
  const { rule } = refusal;
  return (
    <article class="content case" aria-label="Refused item">
      <h2>{rule.title}</h2>
      <p class="note">
        {refusal.call
          ? "The whole call was refused: nothing of it was kept."
          : "The call was answered with success. This one item of it was refused, the others were kept."}
      </p>
      <div class="quote"><code>{rule.code}</code><span>{refusal.message}</span></div>
      <Facts facts={[
        ["What to do", rule.fix],
        ["Field", refusal.field && <code key="field">{refusal.field}</code>],
        ["Value seen", refusal.value && <code key="value" class="seen">{refusal.value}</code>],
        ["Limit", rule.limit],
        ["Operation", serviceName(refusal.service) + ": " + refusal.operation],
        ["Rule", <><code>{rule.id}</code> <span class="tag">{rule.certainty}</span></>],
        ["AWS says so", <PageLink page={rule.page} />],
        ["When", <span title={iso(refusal.time)}>{dateTime(refusal.time)}</span>],
      ]} />
      <Item refusal={refusal} />
    </article>
  );
}

function Item({ refusal }: { refusal: Refusal }) {
  if (!refusal.item) return null;
  const json = parseJson(refusal.item);
  return (
    <section class="item">
      <h3>
        The item as it came <span class="dim">{bytes(refusal.itemBytes)}{refusal.item.length < refusal.itemBytes && ", its beginning"}</span>
        <Copy text={refusal.item} what="the item" label="Copy" />
      </h3>
      {json === undefined ? <Marked text={refusal.item} value={refusal.value} /> : <JsonView value={json} mark={refusal.field} />}
    </section>
  );
}

// Marked is a text that is no JSON, with the value that AWS minds marked.
function Marked({ text, value }: { text: string; value: string }) {
  const at = value ? text.indexOf(value) : -1;
  if (at < 0) return <pre class="plain" tabIndex={0}>{text}</pre>;
  return <pre class="plain" tabIndex={0}>{text.slice(0, at)}<mark>{value}</mark>{text.slice(at + value.length)}</pre>;
}

const PageLink = ({ page }: { page: string }) => (
  <a href={page} target="_blank" rel="noreferrer">{page.replace(/^https?:\/\//, "")} <LinkIcon /></a>
);

function Rules({ rules }: { rules: Rule[] }) {
  const byService = Map.groupBy(rules, (rule) => rule.service);
  return (
    <>
      {[...byService].map(([service, list]) => (
        <section class="rules" key={service}>
          <h2>{serviceName(service)} <span class="dim">{counted(list.length, "rule")}</span></h2>
          <table class="rows">
            <thead><tr><th scope="col">What AWS wants</th><th scope="col">Limit</th><th scope="col">Operation</th><th scope="col">Error</th><th scope="col">What to do</th></tr></thead>
            <tbody>
              {list.map((rule) => (
                <tr key={rule.id}>
                  <td><a href={rule.page} target="_blank" rel="noreferrer" title={rule.id}>{rule.title}</a></td>
                  <td>{rule.limit}</td><td>{rule.operation === "*" ? "every" : rule.operation}</td><td><code>{rule.code}</code></td><td>{rule.fix}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
    </>
  );
}
