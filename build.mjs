/**
 * Builds what is released, into dist/: `build.mjs` writes the layers and the command without npm, `build.mjs package` the
 * npm package.
 */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { manifest } from "./layer/manifest.ts";
import { buildCommand } from "./src/layer/build-command.ts";
import { BuildError } from "./src/layer/build-error.ts";
import { buildPackage } from "./src/layer/build-package.ts";
import { buildPuppets } from "./src/layer/build-puppets.ts";
import { buildRelease } from "./src/layer/build-release.ts";
import { architectures } from "./src/layer/engine.ts";
import { packagers } from "./src/layer/executable.ts";
import { needInWords } from "./src/layer/host-needs.ts";
import { recordPrefetchList } from "./src/layer/record-prefetch-list.ts";
import { shapes } from "./src/layer/runtime-parts.ts";

const help = `npm run build -- [OPTION ...]      everything but the package, into dist/
npm run build -- layers            the layers alone
npm run build -- puppets           what the conformance suite has emulators run, into dist/
npm run build -- package           the npm package, into dist/npm
npm run build -- cli               the command as one file and as single executables, into dist/
npm run build -- prefetch-list     records which pages of an engine a start touches; as root

  --engine NAME      ${manifest.engines.join(" or ")}; all unless told
  --arch NAME        ${architectures.join(" or ")}; both unless told
  --shape NAME       launcher: a small bootstrap that starts bin/node; single: one executable
  --packager NAME    ${packagers.join(" or ")}, of a single executable`;

const seeHelp = `"npm run build -- --help" lists what there is`;
const dist = join(import.meta.dirname, "dist");

// An interrupted build leaves nothing behind: folders and devices go when the process exits. Every time, since a
// terminal and whoever started this both say so, and the second must not cut the first one short.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

try {
  const { values, positionals } = parsed();
  const [what = "everything", ...others] = positionals;
  if (others.length > 0) throw new BuildError("bad-option", `Cannot build "${others[0]}" in the same run: ${seeHelp}`);
  if (values.help) report([help]);
  else if (what === "package") report(await buildPackage(join(dist, "npm")));
  else if (what === "prefetch-list") await record(choice(values));
  else if (what === "cli") report(await buildCommand(dist, choice(values).architectures));
  else if (what === "puppets") report(await buildPuppets(dist, choice(values).architectures));
  else if (what === "layers") reportLayers(await buildRelease({ outDir: dist, ...choice(values) }));
  else if (what === "everything") await buildAll(choice(values));
  else throw new BuildError("bad-option", `Cannot build "${what}": ${seeHelp}`);
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`bootlace: ${error.message}`);
  process.exitCode = 1;
}

function parsed() {
  const text = { type: "string" };
  const options = { engine: text, arch: text, shape: text, packager: text, help: { type: "boolean", default: false } };
  try {
    // The file itself is not an argument, whoever started it.
    return parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });
  } catch (error) {
    throw new BuildError("bad-option", `${error.message.split(". ")[0]}: ${seeHelp}`);
  }
}

function choice({ engine, arch, shape, packager }) {
  return {
    ...(engine && { engines: [oneOf("--engine", engine, manifest.engines)] }),
    ...(arch && { architectures: [oneOf("--arch", arch, architectures)] }),
    ...(shape && { shape: oneOf("--shape", shape, shapes) }),
    ...(packager && { packager: oneOf("--packager", packager, packagers) }),
  };
}

function oneOf(option, value, known) {
  if (known.includes(value)) return value;
  throw new BuildError("bad-option", `Option "${option}" takes ${known.join(" or ")}, not "${value}"`);
}

async function record(chosen) {
  for (const engine of chosen.engines ?? manifest.engines)
    for (const arch of chosen.architectures ?? architectures) report([await recordPrefetchList(engine, arch)]);
}

async function buildAll(chosen) {
  reportLayers(await buildRelease({ outDir: dist, ...chosen }));
  report(await buildPuppets(dist, chosen.architectures));
  report(await buildCommand(dist, chosen.architectures));
}

function reportLayers(layers) {
  report(table(layers));
  const unproved = layers.flatMap(({ needs }) => needs).filter(({ from }) => from === "unproved");
  for (const words of new Set(unproved.map(needInWords)))
    report([`unproved: no source says that provided.al2023 has ${words}`]);
  report(layers.flatMap(({ note }) => (note === undefined ? [] : [note])));
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
