/**
 * `npm run explore`: searches every space to its end, counts, and prints the state diagram. To refresh the page that the
 * docs show: `npm run --silent explore -- --page > docs/state-diagram.md`.
 */
import { diagram, diagramPage } from "./diagram.ts";
import { explore, type PhaseEdge } from "./explore.ts";
import { largeSpaces, smallSpaces } from "./scopes.ts";

const pageOnly = process.argv.includes("--page");
const edges: PhaseEdge[] = [];
for (const { name, settings, scope } of [...smallSpaces, ...largeSpaces]) {
  const { states, transitions, edges: found } = explore(settings, scope);
  edges.push(...found);
  const counted = `${states.toLocaleString("en")} states, ${transitions.toLocaleString("en")} transitions`;
  if (!pageOnly) console.log(`${name}: ${counted}, every promise holds`);
}
if (pageOnly) process.stdout.write(diagramPage(edges));
else console.log(`\n${diagram(edges)}`);
