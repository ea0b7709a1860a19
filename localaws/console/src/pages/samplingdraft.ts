// A draft is a set of rules that is tried, not used. It stands in the URL, so that
// it can be sent to somebody; without one the rules are those of the server.
import type { SamplingRule } from "../api";
import { number } from "../format";
import { param, refine } from "../router";

export const defaultName = "Default";

export function readDraft(): SamplingRule[] | null {
  try {
    const list = JSON.parse(param("draft"));
    return Array.isArray(list) ? list.map(whole) : null;
  } catch {
    return null;
  }
}

export function writeDraft(rules: SamplingRule[] | null): void {
  refine({ draft: rules ? JSON.stringify(inOrder(rules).map(brief)) : "" }, "replace");
}

// draftWith is a set of rules with one put in, in the place of the one of its name.
export function draftWith(rules: SamplingRule[], rule: SamplingRule): string {
  return JSON.stringify(inOrder([...rules.filter((r) => r.RuleName !== rule.RuleName), rule]).map(brief));
}

// inOrder sorts as X-Ray does: by priority, then by name.
function inOrder(rules: SamplingRule[]): SamplingRule[] {
  return rules.toSorted((a, b) => a.Priority - b.Priority || (a.RuleName < b.RuleName ? -1 : 1));
}

export const anything: SamplingRule = {
  RuleName: "", Priority: 100, FixedRate: 0.05, ReservoirSize: 1,
  ServiceName: "*", ServiceType: "*", Host: "*", HTTPMethod: "*", URLPath: "*", ResourceARN: "*", Version: 1,
};

// brief leaves out what is the same in most rules; whole puts it in again.
function brief(rule: SamplingRule): Partial<SamplingRule> {
  const members = Object.entries(rule).filter(([name, value]) => {
    if (name === "RuleARN" || name === "Version" || value === "*") return false;
    return name !== "Attributes" || Object.keys(value).length > 0;
  });
  return Object.fromEntries(members);
}

const whole = (rule: Partial<SamplingRule>): SamplingRule => ({ ...anything, ...rule });

export const sameRule = (a: SamplingRule, b: SamplingRule) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sorted = (rule: SamplingRule) => Object.entries(brief(rule)).sort(([a], [b]) => (a < b ? -1 : 1));

// callsFor are the AWS calls that make the server's rule what it shall be. An
// update cannot take a boost away, so that such a rule is made anew.
export function callsFor(old: SamplingRule | undefined, rule: SamplingRule): [operation: string, body: unknown][] {
  const { Version: _, ...update } = { ...rule, Attributes: rule.Attributes ?? {} };
  if (!old) return [["CreateSamplingRule", { SamplingRule: rule }]];
  if (rule.RuleName === defaultName) {
    return [["UpdateSamplingRule", { SamplingRuleUpdate: { RuleName: defaultName, FixedRate: rule.FixedRate, ReservoirSize: rule.ReservoirSize } }]];
  }
  if (old.SamplingRateBoost && !rule.SamplingRateBoost) {
    return [["DeleteSamplingRule", { RuleName: rule.RuleName }], ["CreateSamplingRule", { SamplingRule: rule }]];
  }
  return [["UpdateSamplingRule", { SamplingRuleUpdate: update }]];
}

// rateText is a share as a percentage.
export const rateText = (rate: number) => number(rate * 100) + " %";

// matchText says what a rule looks at.
export function matchText(rule: SamplingRule): string {
  const parts = [rule.HTTPMethod, rule.URLPath].filter((text) => text !== "*");
  for (const [name, value] of [["service", rule.ServiceName], ["type", rule.ServiceType], ["host", rule.Host], ["ARN", rule.ResourceARN]]) {
    if (value !== "*") parts.push(`${name} ${value}`);
  }
  for (const [name, value] of Object.entries(rule.Attributes ?? {})) parts.push(`${name}=${value}`);
  return parts.length === 0 ? "everything" : parts.join(" · ");
}
