import { useState } from "preact/hooks";
import type { LogGroup } from "../api";
import { counted } from "../format";
import { refine, route } from "../router";

const findable = 8; // groups from which on a box finds one

// chosenGroups are those of the URL, or the one that is shown at first.
export function chosenGroups(groups: LogGroup[], first: string): string[] {
  const asked = route.value.params.getAll("group").filter((name) => groups.some((group) => group.name === name));
  return asked.length > 0 ? asked : [first];
}

interface Props {
  groups: LogGroup[];
  chosen: string[];
  most: number; // that AWS takes
}

// GroupPicker chooses log groups; the last one stays.
export function GroupPicker({ groups, chosen, most }: Props) {
  const [text, setText] = useState("");
  const shown = groups.filter((group) => group.name.toLowerCase().includes(text.toLowerCase()));
  const toggle = (name: string) => {
    const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name];
    if (next.length > 0) refine({ group: next, stream: [] });
  };
  return (
    <fieldset class="picker">
      <legend>Log groups <span class="dim">{chosen.length} of {groups.length}</span></legend>
      {groups.length >= findable && (
        <input type="search" aria-label="Find a log group" placeholder="Find a log group" value={text} onInput={(e) => setText(e.currentTarget.value)} />
      )}
      {shown.map((group) => (
        <label key={group.name}>
          <input type="checkbox" checked={chosen.includes(group.name)} onChange={() => toggle(group.name)}
            disabled={chosen.includes(group.name) ? chosen.length === 1 : chosen.length >= most} />
          <span><b>{group.name}</b><span class="dim">{counted(group.events, "event")}</span></span>
        </label>
      ))}
      {groups.length > 1 && groups.length <= most && (
        <p><button type="button" class="button small" disabled={chosen.length === groups.length} onClick={() => refine({ group: groups.map((g) => g.name), stream: [] })}>All groups</button></p>
      )}
      {chosen.length >= most && <p class="note">AWS takes at most {most}.</p>}
    </fieldset>
  );
}
