import { get, type MapEdge, type MapNode, type ServiceMap } from "../api";
import { Empty, FirstScreen, Loading, Problem } from "../components/empty";
import { RangePicker, rangeKey, rangeNow } from "../components/range";
import { StatusMark, statuses } from "../components/status";
import { useData } from "../data";
import { count, duration, percent } from "../format";
import { overview } from "../live";
import { href, param } from "../router";
import { Graph } from "./mapgraph";

// Until both sides of a call have reported, its callee looks like a stranger:
// so long the newest traces are left out, or nodes would come and go.
const unsettled = 10_000;

async function settledMap(signal: AbortSignal): Promise<ServiceMap> {
  const range = rangeNow();
  const end = Math.min(range.end ?? Infinity, Date.now() - unsettled);
  const map = await get<ServiceMap>("map", { ...range, end }, signal);
  return map.nodes.length > 0 ? map : get<ServiceMap>("map", { ...range }, signal);
}

export function Page() {
  const map = useData("map|" + rangeKey(), settledMap);
  if (overview.value?.traces === 0) return <FirstScreen />;
  const ready = map.value && map.value.nodes.length > 0;
  return (
    <div class="page">
      <div class="filters">
        <h1>Service map</h1>
        <ul class="legend" aria-label="Legend">
          {statuses.map((status) => <li key={status}><StatusMark status={status} /></li>)}
          <li class="note">The ring shows the share of each. Dashed: inferred from its caller. The newest 10 seconds follow.</li>
        </ul>
        <RangePicker />
      </div>
      <Problem text={map.error} />
      {!map.value && !map.error && <Loading />}
      {map.value && !ready && <Empty title="No trace in this time."><p>Choose a longer time range.</p></Empty>}
      {map.value && ready && (
        <div class={"scroll" + (map.fresh ? "" : " stale")}>
          <Graph map={map.value} nodeLink={nodeLink} edgeLink={(edge) => edgeLink(edge, map.value!)} />
          <Nodes nodes={map.value.nodes} />
          <Edges map={map.value} />
        </div>
      )}
    </div>
  );
}

// The map writes the query: a click opens the traces that made what is clicked.
function traces(q: string): string {
  return href("traces", "", { q, range: param("range"), start: param("start"), end: param("end") });
}

const quoted = (name: string) => '"' + name.replace(/["\\]/g, "\\$&") + '"';

const nodeLink = (node: MapNode) => traces(node.kind === "client" ? "" : `service(${quoted(node.name)})`);

function edgeLink(edge: MapEdge, map: ServiceMap): string {
  const source = map.nodes.find((node) => node.id === edge.source);
  const target = map.nodes.find((node) => node.id === edge.target);
  if (!source || !target) return traces("");
  return traces(source.kind === "client" ? `service(${quoted(target.name)})` : `edge(${quoted(source.name)}, ${quoted(target.name)})`);
}

const fullName = (node: MapNode) => (node.kind === "client" ? "Client of " + node.name : node.name);

function Figures({ of }: { of: MapNode | MapEdge }) {
  return (
    <>
      <td class="num">{count(of.count)}</td>
      <td class="num">{duration(of.averageMs)}</td>
      {statuses.map((status) => <td key={status} class="num">{count(of[status])} <span class="dim">{percent(of[status], of.count)}</span></td>)}
    </>
  );
}

const FigureHeads = () => (
  <>
    <th scope="col" class="num">Requests</th><th scope="col" class="num">Average</th>
    {statuses.map((status) => <th key={status} scope="col" class="num"><StatusMark status={status} /></th>)}
  </>
);

function Nodes({ nodes }: { nodes: MapNode[] }) {
  return (
    <table class="rows twin">
      <caption>Nodes</caption>
      <thead><tr><th scope="col">Name</th><th scope="col">Type</th><FigureHeads /></tr></thead>
      <tbody>
        {nodes.map((node) => (
          <tr key={node.id}><td><a href={nodeLink(node)}>{fullName(node)}</a></td><td>{node.type || node.kind}</td><Figures of={node} /></tr>
        ))}
      </tbody>
    </table>
  );
}

function Edges({ map }: { map: ServiceMap }) {
  const names = new Map(map.nodes.map((node) => [node.id, fullName(node)]));
  return (
    <table class="rows twin">
      <caption>Edges</caption>
      <thead><tr><th scope="col">From</th><th scope="col">To</th><FigureHeads /></tr></thead>
      <tbody>
        {map.edges.map((edge) => (
          <tr key={edge.source + "→" + edge.target}>
            <td>{names.get(edge.source)}</td><td><a href={edgeLink(edge, map)}>{names.get(edge.target)}</a></td><Figures of={edge} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}
