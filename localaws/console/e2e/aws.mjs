// AWS calls that a test makes by itself: signed by Signature Version 4, or by
// OTLP with the API key that the local AWS takes.
import { createHash, createHmac } from "node:crypto";

const region = "us-east-1";
const key = "local";
const sha = (text) => createHash("sha256").update(text).digest("hex");
const mac = (secret, text) => createHmac("sha256", secret).update(text).digest();

// call posts an operation in awsJson, e.g. "Logs_20140328.PutLogEvents".
export async function call(address, service, target, input) {
  const { origin, host } = new URL(address);
  const body = JSON.stringify(input);
  const at = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const headers = { "content-type": "application/x-amz-json-1.1", host, "x-amz-date": at, "x-amz-target": target };
  const names = Object.keys(headers).join(";");
  const canonical = ["POST", "/", "", ...Object.entries(headers).map(([k, v]) => `${k}:${v}`), "", names, sha(body)].join("\n");
  const scope = `${at.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signing = [at.slice(0, 8), region, service, "aws4_request"].reduce(mac, "AWS4" + key);
  const signature = mac(signing, ["AWS4-HMAC-SHA256", at, scope, sha(canonical)].join("\n")).toString("hex");
  const answer = await fetch(origin + "/", {
    method: "POST", body,
    headers: { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=${names}, Signature=${signature}` },
  });
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text && JSON.parse(text);
}

export const logs = (address, name, input) => call(address, "logs", "Logs_20140328." + name, input);
export const cloudwatch = (address, name, input) => call(address, "monitoring", "GraniteServiceVersion20100801." + name, input);

// otlp posts metrics to CloudWatch's OTLP endpoint.
export async function otlp(address, metrics, resource = {}) {
  const text = (value) => ({ stringValue: value });
  const answer = await fetch(new URL("/v1/metrics", address), {
    method: "POST", headers: { "content-type": "application/json", authorization: "Bearer " + key },
    body: JSON.stringify({ resourceMetrics: [{
      resource: { attributes: Object.entries(resource).map(([key, value]) => ({ key, value: text(value) })) },
      scopeMetrics: [{ scope: { name: "shop" }, metrics }],
    }] }),
  });
  if (!answer.ok || (await answer.text()) !== "{}") throw new Error(`/v1/metrics: ${answer.status}`);
}
