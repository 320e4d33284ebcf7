/** `npm run explore`: searches every space to its end, counts, and prints the state diagram that the docs show. */
import { diagram } from "./diagram.ts";
import { type Exploration, explore } from "./explore.ts";
import { largeSpaces, smallSpaces } from "./scopes.ts";

let last: Exploration | undefined;
for (const { name, settings, scope } of [...smallSpaces, ...largeSpaces]) {
  last = explore(settings, scope);
  const { states, transitions } = last;
  console.log(
    `${name}: ${states.toLocaleString("en")} states, ${transitions.toLocaleString("en")} transitions, every promise holds`,
  );
}
if (last !== undefined) console.log(`\n${diagram(last.edges)}`);
