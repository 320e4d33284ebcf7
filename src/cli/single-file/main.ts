/** The command as one file: the package travels at its end, and is unpacked once for all runs when a file of it is read. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type PackedFile, unpackFiles } from "../../platform/file-pack.ts";
import { placePackage } from "../../platform/package-root.ts";
import { keptFolder, userCacheFolder } from "../../platform/user-cache.ts";
import { foreignEngine } from "./executable-parts.ts";

/** Of the package at the end; written by the build. */
declare const packageHash: string;

let root: string | undefined;

placePackage({
  root: () => (root ??= join(keptFolder(`package-${packageHash}`, filesAtTheEnd), "node_modules", "bootlace")),
  cacheDirectory: userCacheFolder,
  // As the executable names itself to what it becomes; where there is none, Node names itself.
  engine: (arch) => foreignEngine(join(dirname(process.argv0), `bootlace-${arch}`)),
});
await import("../main.ts");

/** The last line is a comment, since a string of its size would be read at every start. */
function filesAtTheEnd(): readonly PackedFile[] {
  const text = readFileSync(process.argv[1] ?? "", "latin1").trimEnd();
  return unpackFiles(Buffer.from(text.slice(text.lastIndexOf("\n") + 1 + "//".length), "base64"));
}
