import type { ComponentChildren } from "preact";
import { overview } from "../live";
import { Copy } from "./copy";

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

// Environment is what an application's shell needs to send here.
export function Environment() {
  const block = [
    "export AWS_ENDPOINT_URL=" + location.origin,
    "export AWS_ACCESS_KEY_ID=local",
    "export AWS_SECRET_ACCESS_KEY=local",
    "export AWS_REGION=" + (overview.value?.region ?? "us-east-1"),
    "export AWS_EC2_METADATA_DISABLED=true",
  ].join("\n");
  return (
    <div class="environment">
      <pre tabIndex={0} aria-label="Environment of an application">{block}</pre>
      <Copy text={block} what="the environment block" label="Copy" />
    </div>
  );
}

export function FirstScreen() {
  return (
    <Empty title="Listening. Nothing has arrived yet.">
      <p>Start any application, in any language, with these variables. Its AWS SDK then talks to this machine.</p>
      <Environment />
      <p class="note">Traces, logs and metrics appear here by themselves. <kbd>?</kbd> shows the keys.</p>
    </Empty>
  );
}

// Loading shows itself only if the answer takes its time.
export const Loading = () => <p class="loading" role="status">Loading …</p>;

export function Problem({ text }: { text: string }) {
  return text ? <p class="problem" role="alert">{text}</p> : null;
}
