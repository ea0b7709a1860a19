import { useState } from "preact/hooks";
import { post, type SamplingRule } from "../api";
import { Copy } from "../components/copy";
import { Problem } from "../components/empty";
import { CloseIcon } from "../components/icons";
import { reason } from "../data";
import { href, open, param, refine } from "../router";
import { anything, callsFor, defaultName, readDraft, writeDraft } from "./samplingdraft";

// Fields are what the form holds: texts, as they are typed.
type Fields = Record<"name" | "priority" | "reservoir" | "rate" | "method" | "path" | "service" | "type" | "host" | "arn" | "attributes" | "max" | "cooldown", string>;

function fieldsOf(rule: SamplingRule): Fields {
  const boost = rule.SamplingRateBoost;
  return {
    name: rule.RuleName, priority: String(rule.Priority), reservoir: String(rule.ReservoirSize), rate: String(+(rule.FixedRate * 100).toPrecision(10)),
    method: rule.HTTPMethod, path: rule.URLPath, service: rule.ServiceName, type: rule.ServiceType, host: rule.Host, arn: rule.ResourceARN,
    attributes: Object.entries(rule.Attributes ?? {}).map(([name, value]) => name + "=" + value).join("\n"),
    max: boost ? String(+(boost.MaxRate * 100).toPrecision(10)) : "", cooldown: boost ? String(boost.CooldownWindowMinutes) : "10",
  };
}

function ruleOf(fields: Fields): SamplingRule {
  const attributes = fields.attributes.split("\n").filter((line) => line.trim() !== "").map((line) => line.split(/=(.*)/s).slice(0, 2).map((text) => text.trim()));
  return {
    ...anything, RuleName: fields.name, Priority: Number(fields.priority), ReservoirSize: Number(fields.reservoir), FixedRate: share(fields.rate),
    HTTPMethod: fields.method, URLPath: fields.path, ServiceName: fields.service, ServiceType: fields.type, Host: fields.host, ResourceARN: fields.arn,
    Attributes: Object.fromEntries(attributes),
    ...(fields.max !== "" && { SamplingRateBoost: { MaxRate: share(fields.max), CooldownWindowMinutes: Number(fields.cooldown) } }),
  };
}

// share is a percentage as AWS has it, without the noise of a division.
const share = (percent: string) => +(Number(percent) / 100).toPrecision(10);

// Editor changes a rule, of the server or of the draft; without one it adds one.
export function Editor({ rule, save, present = [] }: { rule?: SamplingRule; save: "server" | "draft"; present?: SamplingRule[] }) {
  const [fields, setFields] = useState(() => fieldsOf(rule ?? anything));
  const [problem, setProblem] = useState("");
  const isDefault = rule?.RuleName === defaultName;
  const close = () => refine({ rule: "", add: "" });
  const edited = ruleOf(fields);
  const calls = callsFor(rule, isDefault ? { ...rule, FixedRate: edited.FixedRate, ReservoirSize: edited.ReservoirSize } : edited);
  const send = async (list: [operation: string, body: unknown][]) => {
    try {
      for (const [operation, body] of list) await post("sampling/" + operation, body);
      close();
    } catch (err) {
      setProblem(reason(err));
    }
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (save === "draft") {
      const others = (readDraft() ?? present).filter((r) => r.RuleName !== rule?.RuleName);
      writeDraft([...others, isDefault ? { ...rule!, FixedRate: edited.FixedRate, ReservoirSize: edited.ReservoirSize } : edited]);
      close();
    } else void send(calls);
  };
  const field = (name: keyof Fields, label: string, more: Record<string, unknown> = {}) => (
    <label class={"field of-" + name}>
      <span>{label}</span>
      <input name={name} value={fields[name]} required={name !== "max"} autocomplete="off" spellcheck={false}
        onInput={(e) => setFields({ ...fields, [name]: e.currentTarget.value })} {...more} />
    </label>
  );
  return (
    <aside class="editor" aria-label="Edit rule">
      <form onSubmit={submit}>
        <header>
          <h2>{rule ? rule.RuleName : "New rule"}{save === "draft" && <span class="tag">draft</span>}</h2>
          <button type="button" class="button icon-only" aria-label="Close" onClick={close}><CloseIcon /></button>
        </header>
        <Problem text={problem} />
        {!rule && field("name", "Name", { maxLength: 32, placeholder: "checkout" })}
        <div class="row">
          {!isDefault && field("priority", "Priority", { type: "number", min: 1, max: 9999 })}
          {field("reservoir", "Reservoir a second", { type: "number", min: 0 })}
          {field("rate", "Rate in %", { type: "number", min: 0, max: 100, step: "any" })}
        </div>
        {isDefault ? <p class="note">Default takes what no other rule matches. X-Ray lets only its reservoir and rate be changed.</p> : <>
          <h3>What it matches <span class="dim">* is any text, ? one character</span></h3>
          <div class="row">{field("method", "HTTP method", { maxLength: 10 })}{field("path", "URL path", { maxLength: 128 })}</div>
          <div class="row">{field("service", "Service name", { maxLength: 64 })}{field("host", "Host", { maxLength: 64 })}</div>
          {field("type", "Service type", { maxLength: 64 })}
          {field("arn", "Resource ARN", { maxLength: 500 })}
          <label class="field">
            <span>Attributes, a line each: name=value</span>
            <textarea name="attributes" rows={2} spellcheck={false} value={fields.attributes} onInput={(e) => setFields({ ...fields, attributes: e.currentTarget.value })} />
          </label>
          <h3>While there are anomalies <span class="dim">adaptive sampling</span></h3>
          <div class="row">
            {field("max", "Up to %", { type: "number", min: 0, max: 100, step: "any", placeholder: "no boost" })}
            {field("cooldown", "Once in minutes", { type: "number", min: 0 })}
          </div>
        </>}
        <div class="actions">
          <button type="submit" class="button primary">{save === "draft" ? "Put into the draft" : rule ? "Save" : "Create"}</button>
          {save === "server" && <Try rule={edited} />}
          {save === "server" && rule && !isDefault && <button type="button" class="button" onClick={() => void send([["DeleteSamplingRule", { RuleName: rule.RuleName }]])}>Delete</button>}
          {save === "server" && <Copy text={calls.map(command).join("\n")} what="the AWS CLI command" label="Copy as AWS CLI" />}
        </div>
      </form>
    </aside>
  );
}

// command is a call as the AWS CLI makes it.
function command([operation, body]: [operation: string, body: unknown]): string {
  const name = operation.replace(/(?<!^)[A-Z]/g, (letter) => "-" + letter).toLowerCase();
  return `aws xray ${name} --cli-input-json '${JSON.stringify(body).replaceAll("'", "'\\''")}'`;
}

// Try takes the rule as it stands in the form to the simulator.
function Try({ rule }: { rule: SamplingRule }) {
  return <button type="button" class="button" onClick={() => open(href("sampling", "", { view: "simulator", try: JSON.stringify(rule), draft: param("draft") }))}>Try in the simulator</button>;
}
