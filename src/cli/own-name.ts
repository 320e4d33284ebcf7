import { basename } from "node:path";
import { isBrought } from "../platform/package-root.ts";

/** What to type for this very program, in a line that somebody copies. */
export function ownName(): string {
  if (!isBrought()) return "npx bootlace";
  const [, file = ""] = process.argv;
  return basename(process.argv0) === "node" ? `node ${file}` : process.argv0;
}
