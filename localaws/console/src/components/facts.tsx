import { Fragment, type ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Json, JsonObject } from "../api";

export type Fact = [name: string, value: ComponentChildren];

const longText = 400;

// Text shows a long value only as far as it is read.
export function Text({ value }: { value: string }) {
  const [all, setAll] = useState(false);
  if (all || value.length <= longText) return <>{value}</>;
  return (
    <>
      {value.slice(0, longText)}…{" "}
      <button type="button" class="button small" onClick={() => setAll(true)}>all {value.length} characters</button>
    </>
  );
}

// Name may break where its words do.
function Name({ text }: { text: string }) {
  return <>{text.split(/(?<=[._])/).map((word, i) => <Fragment key={i}>{i > 0 && <wbr />}{word}</Fragment>)}</>;
}

export function Facts({ title, facts }: { title?: string; facts: Fact[] }) {
  const known = facts.filter(([, value]) => value !== "" && value !== undefined && value !== null);
  if (known.length === 0) return null;
  return (
    <section class="facts">
      {title && <h3>{title}</h3>}
      <table>
        <tbody>
          {known.map(([name, value]) => (
            <tr key={name}>
              <th scope="row"><Name text={name} /></th>
              <td>{typeof value === "string" ? <Text value={value} /> : value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

// flatten names the leaves of an object by their path.
export function flatten(value: Json | undefined, path = ""): Fact[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [[path, String(value)]];
  const members: [string, Json][] = Array.isArray(value)
    ? value.map((v, i) => [`${path}[${i}]`, v])
    : Object.entries(value).map(([k, v]) => [path ? path + "." + k : k, v]);
  return members.flatMap(([inner, member]) => flatten(member, inner));
}

export const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};

export const textOf = (value: Json | undefined): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
