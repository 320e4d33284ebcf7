/**
 * Builds what is released: `build.mjs` writes the layers, `build.mjs package` the npm package, both into dist/.
 * `--arch arm64` makes the runtime layer of the other architecture, whose engine must be installed.
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { BuildError } from "./src/layer/build-error.ts";
import { buildPackage } from "./src/layer/build-package.ts";
import { buildRelease } from "./src/layer/build-release.ts";

const dist = join(import.meta.dirname, "dist");
const { values, positionals } = parseArgs({
  // The file itself is not an argument, whoever started it.
  args: process.argv.slice(2),
  options: { arch: { type: "string", default: "x86_64" } },
  allowPositionals: true,
});

try {
  if (positionals[0] === "package") report(await buildPackage(join(dist, "npm")));
  else report(table(await buildRelease({ outDir: dist, arch: values.arch })));
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  report([`bootlace: ${error.message}`]);
  process.exitCode = 1;
}

function report(lines) {
  for (const line of lines) console.log(line);
}

function table(layers) {
  const rows = layers.map(({ file, zippedBytes, unzippedBytes, sha256 }) => [
    relative(process.cwd(), file),
    zippedBytes.toLocaleString("en-US"),
    unzippedBytes.toLocaleString("en-US"),
    sha256,
  ]);
  const all = [["file", "zipped", "unzipped", "sha256"], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all.map((row) => row.map((cell, column) => pad(cell, widths[column], column)).join("  "));
}

function pad(cell, width, column) {
  return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
}
