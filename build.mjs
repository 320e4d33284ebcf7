/**
 * Builds what is released, into dist/: `build.mjs` writes the layers, `build.mjs package` the npm package.
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { manifest } from "./layer/manifest.ts";
import { BuildError } from "./src/layer/build-error.ts";
import { buildPackage } from "./src/layer/build-package.ts";
import { buildRelease } from "./src/layer/build-release.ts";
import { architectures } from "./src/layer/engine.ts";

const help = `npm run build -- [OPTION ...]      the layers, into dist/
npm run build -- package           the npm package, into dist/npm

  --engine NAME      ${manifest.engines.join(" or ")}; all unless told
  --arch NAME        ${architectures.join(" or ")}; both unless told`;

const seeHelp = `"npm run build -- --help" lists what there is`;
const dist = join(import.meta.dirname, "dist");

try {
  const { values, positionals } = parsed();
  const [what = "layers", ...others] = positionals;
  if (others.length > 0) throw new BuildError("bad-option", `Cannot build "${others[0]}" in the same run: ${seeHelp}`);
  if (values.help) report([help]);
  else if (what === "package") report(await buildPackage(join(dist, "npm")));
  else if (what === "layers") report(table(await buildRelease({ outDir: dist, ...choice(values) })));
  else throw new BuildError("bad-option", `Cannot build "${what}": ${seeHelp}`);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`bootlace: ${error.message}`);
  process.exitCode = 1;
}

function parsed() {
  const text = { type: "string" };
  const options = { engine: text, arch: text, help: { type: "boolean", default: false } };
  try {
    // The file itself is not an argument, whoever started it.
    return parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });
  } catch (error) {
    throw new BuildError("bad-option", `${error.message.split(". ")[0]}: ${seeHelp}`);
  }
}

function choice({ engine, arch }) {
  return {
    ...(engine && { engines: [oneOf("--engine", engine, manifest.engines)] }),
    ...(arch && { architectures: [oneOf("--arch", arch, architectures)] }),
  };
}

function oneOf(option, value, known) {
  if (known.includes(value)) return value;
  throw new BuildError("bad-option", `Option "${option}" takes ${known.join(" or ")}, not "${value}"`);
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
