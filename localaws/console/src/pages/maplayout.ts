import { Graph, layout } from "@dagrejs/dagre";
import type { MapNode, ServiceMap } from "../api";

export const radius = 36;
const labelHeight = 58; // under the circle; left free above it, too, so that edges end at its middle
const letter = 6.6; // width of one, about
const edgeLabel = { width: 84, height: 34 };
const gap = 8; // between an edge's end and the circle
const margin = 24;

const longName = 28;

export const shortName = (name: string) => (name.length > longName ? name.slice(0, longName - 1) + "…" : name);
export const nodeName = (node: MapNode) => shortName(node.kind === "client" ? "Client" : node.name);
export const nodeType = (node: MapNode) => shortName(node.type || node.kind);

export interface Point {
  x: number;
  y: number;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Map<string, Point>;
  edges: Map<string, { path: string; label: Point }>;
}

export const edgeKey = (edge: { source: string; target: string }) => edge.source + "\n" + edge.target;

// shapeKey is equal for maps of one layout: figures may change, nodes stay.
export function shapeKey(map: ServiceMap): string {
  return [...map.nodes.map((node) => node.id).sort(), "", ...map.edges.map(edgeKey).sort()].join("\n\n");
}

export function place(map: ServiceMap): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 18, ranksep: 34, marginx: margin, marginy: margin });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(map.nodes.map((node) => node.id));
  const edges = map.edges.filter((edge) => known.has(edge.source) && known.has(edge.target));
  for (const node of map.nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const letters = Math.max(nodeName(node).length, nodeType(node).length);
    graph.setNode(node.id, { width: Math.max(2 * radius + 2 * gap, letters * letter), height: 2 * (radius + labelHeight) });
  }
  for (const edge of edges) graph.setEdge(edge.source, edge.target, { ...edgeLabel, labelpos: "c" });
  layout(graph);

  const nodes = new Map<string, Point>();
  for (const id of known) {
    const { x, y } = graph.node(id);
    nodes.set(id, { x, y });
  }
  const lines = new Map<string, { path: string; label: Point }>();
  for (const edge of edges) {
    const { points, x, y } = graph.edge(edge.source, edge.target) as { points: Point[]; x: number; y: number };
    const inner = points.slice(1, -1);
    const from = nodes.get(edge.source)!;
    const to = nodes.get(edge.target)!;
    const way = [rim(from, to), ...inner, rim(to, from)];
    lines.set(edgeKey(edge), { path: curve(way), label: { x, y } });
  }
  const { width = 0, height = 0 } = graph.graph();
  return { width, height, nodes, edges: lines };
}

// rim is the side of a circle that looks at another point.
function rim(centre: Point, other: Point): Point {
  return { x: centre.x + (other.x < centre.x ? -1 : 1) * (radius + gap), y: centre.y };
}

// curve goes through points and is level in each of them.
function curve(points: Point[]): string {
  const at = (x: number, y: number) => x.toFixed(1) + " " + y.toFixed(1);
  return points.reduce((path, to, i) => {
    const from = points[i - 1];
    if (!from) return "M" + at(to.x, to.y);
    const middle = (from.x + to.x) / 2;
    return `${path}C${at(middle, from.y)} ${at(middle, to.y)} ${at(to.x, to.y)}`;
  }, "");
}
