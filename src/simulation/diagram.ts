/** The state diagram of an execution environment, printed from what the search saw, so that it is never wrong. */
import type { PhaseEdge } from "./explore.ts";
import { type Kind, kinds } from "./scopes.ts";

/** What a search of the spaces of each kind has found. */
export type Edges = Readonly<Record<Kind, readonly PhaseEdge[]>>;

/** The page of the docs around the diagrams. */
export function diagramPage(edges: Edges): string {
  return [
    "# The life of an execution environment",
    "",
    "Every way from one phase to another that the exhaustive search of `src/core/environment` has found; an arrow carries the",
    "inputs that can cause it. `npm run --silent explore -- --page` prints this page, and a test compares the two.",
    ...kinds.flatMap((kind) => ["", `## ${titles[kind]}`, "", "```mermaid", diagram(edges[kind]), "```"]),
    "",
  ].join("\n");
}

const titles: Readonly<Record<Kind, string>> = {
  "on demand": "On demand, and provisioned",
  SnapStart: "SnapStart",
  "Managed Instances": "Managed Instances",
};

/** Mermaid text: one arrow for each pair of phases, labelled with the inputs that cause it. */
export function diagram(edges: readonly PhaseEdge[]): string {
  const arrows = new Map<string, Set<string>>();
  for (const { from, input, to } of edges) {
    if (from === to) continue;
    const arrow = `${idOf(from)} --> ${idOf(to)}`;
    arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(input));
  }
  const names = [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))];
  return [
    "stateDiagram-v2",
    `  [*] --> ${idOf("cold")}`,
    ...names.filter((name) => idOf(name) !== name).map((name) => `  ${idOf(name)}: ${name}`),
    ...[...arrows].map(([arrow, inputs]) => `  ${arrow}: ${[...inputs].sort().join(", ")}`).sort(),
    `  ${idOf("closed")} --> [*]`,
  ].join("\n");
}

function idOf(phase: string): string {
  return phase.replaceAll("-", "_");
}
