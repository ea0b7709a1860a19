import { useMemo } from "preact/hooks";
import type { MapEdge, MapNode, ServiceMap, Status } from "../api";
import { brief, counted, duration, percent } from "../format";
import { edgeKey, nodeName, nodeType, place, radius, shapeKey, type Point } from "./maplayout";

const thinnest = 3; // percent of the ring that a small share gets at least, to be seen
const rim = 5;

interface Props {
  map: ServiceMap;
  nodeLink: (node: MapNode) => string;
  edgeLink: (edge: MapEdge) => string;
}

export function Graph({ map, nodeLink, edgeLink }: Props) {
  const shape = shapeKey(map);
  const placed = useMemo(() => place(map), [shape]);
  const busiest = Math.max(1, ...map.edges.map((edge) => edge.count));
  const { width, height } = placed;
  return (
    <div class="map" role="group" aria-label="Service map; the tables below say the same">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {map.edges.map((edge) => {
          const line = placed.edges.get(edgeKey(edge));
          return line && <Edge key={edgeKey(edge)} edge={edge} line={line} link={edgeLink(edge)} weight={edge.count / busiest} />;
        })}
        {map.nodes.map((node) => {
          const at = placed.nodes.get(node.id);
          return at && <Node key={node.id} node={node} at={at} link={nodeLink(node)} />;
        })}
      </svg>
    </div>
  );
}

function Edge({ edge, line, link, weight }: { edge: MapEdge; line: { path: string; label: Point }; link: string; weight: number }) {
  return (
    <a href={link} class="map-edge" aria-label={counted(edge.count, "call") + ", average " + duration(edge.averageMs)}>
      <title>{`${counted(edge.count, "call")}, average ${duration(edge.averageMs)}, as the caller saw it: ${troubles(edge) || "no error"}`}</title>
      <path class="map-line" d={line.path} stroke-width={1.25 + 2 * weight} marker-end="url(#arrow)" />
      <path class="map-hit" d={line.path} />
      <text x={line.label.x} y={line.label.y - 6} class="map-halo"><tspan class="strong">{brief(edge.count)}</tspan> · {duration(edge.averageMs)}</text>
      <text x={line.label.x} y={line.label.y + 15} class="map-halo dim">{marks(edge)}</text>
    </a>
  );
}

function Node({ node, at, link }: { node: MapNode; at: Point; link: string }) {
  const name = node.kind === "client" ? "Client of " + node.name : node.name;
  const trouble = troubles(node);
  const says = `${name}, ${node.type || node.kind}: ${counted(node.count, "request")}, average ${duration(node.averageMs)}, ${trouble || "no error"}`;
  if (node.kind === "client") {
    return (
      <a href={link} class="map-node client" aria-label={says}>
        <title>{says}</title>
        <g transform={`translate(${at.x} ${at.y})`}>
          <circle r={radius} class="map-disc" />
          <path class="map-person" d="M-11 12c0-7 4-11 11-11s11 4 11 11M-6 -8a6 6 0 1 0 12 0a6 6 0 1 0 -12 0" />
          <text y={radius + 18} class="map-name">{nodeName(node)}</text>
        </g>
      </a>
    );
  }
  return (
    <a href={link} class={"map-node " + node.kind} aria-label={says}>
      <title>{says}</title>
      <g transform={`translate(${at.x} ${at.y})`}>
        <circle r={radius} class="map-disc" />
        {arcs(node).map(({ status, from, length }) => (
          <circle key={status} r={radius - rim / 2} class={"map-arc " + status} pathLength="100" stroke-width={rim}
            stroke-dasharray={`${length} ${100 - length}`} stroke-dashoffset={-from} transform="rotate(-90)" />
        ))}
        <text y="-2" class="map-figure">{duration(node.averageMs)}</text>
        <text y="14" class="map-count">{brief(node.count)}</text>
        <text y={radius + 18} class="map-name">{nodeName(node)}</text>
        <text y={radius + 33} class="map-type">{nodeType(node)}</text>
        <text y={radius + 48} class="map-type">{marks(node)}</text>
      </g>
    </a>
  );
}

const bad: [status: Status, shape: string, word: string][] = [["fault", "✕", "fault"], ["error", "△", "error"], ["throttle", "||", "throttled"]];

const marks = (of: MapNode | MapEdge) =>
  bad.filter(([status]) => of[status] > 0).map(([status, shape]) => shape + " " + percent(of[status], of.count)).join(" ");

const troubles = (of: MapNode | MapEdge) =>
  bad.filter(([status]) => of[status] > 0).map(([status, , word]) => percent(of[status], of.count) + " " + word).join(", ");

// arcs share the ring among the statuses; what happened at all can be seen.
function arcs(node: MapNode): { status: Status; from: number; length: number }[] {
  const shares: [Status, number][] = [...bad.map(([status]) => status), "ok" as Status]
    .filter((status) => node[status] > 0)
    .map((status) => [status, Math.max(thinnest, (100 * node[status]) / (node.count || 1))]);
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  let from = 0;
  return shares.map(([status, share]) => {
    const length = (100 * share) / sum;
    from += length;
    return { status, from: from - length, length };
  });
}
