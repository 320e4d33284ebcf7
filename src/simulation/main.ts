/**
 * `npm run explore`: searches every space to its end, counts, and prints the state diagram. To refresh the page that the
 * docs show: `npm run --silent explore -- --page > docs/state-diagram.md`.
 */
import { diagram, diagramPage, type Edges } from "./diagram.ts";
import { explore, type PhaseEdge } from "./explore.ts";
import { type Kind, kinds, largeSpaces, smallSpaces } from "./scopes.ts";

const pageOnly = process.argv.includes("--page");
const edges: Edges & Record<Kind, PhaseEdge[]> = { "on demand": [], SnapStart: [], "Managed Instances": [] };
for (const { name, kind, settings, scope } of [...smallSpaces, ...(pageOnly ? [] : largeSpaces)]) {
  const { states, transitions, edges: found } = explore(settings, scope);
  edges[kind].push(...found);
  const counted = `${states.toLocaleString("en")} states, ${transitions.toLocaleString("en")} transitions`;
  if (!pageOnly) console.log(`${name}: ${counted}, every promise holds`);
}
if (pageOnly) process.stdout.write(diagramPage(edges));
else for (const kind of kinds) console.log(`\n${kind}\n${diagram(edges[kind])}`);
