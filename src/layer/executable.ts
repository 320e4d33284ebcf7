import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { BuildError } from "./build-error.ts";
import type { Engine } from "./engine.ts";
import { strippedEngine } from "./stripped-engine.ts";

/** Where Node looks for the program inside itself. https://nodejs.org/api/single-executable-applications.html */
const resourceName = "NODE_SEA_BLOB";
const sentinelFuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * What the executable is. No snapshot and no code cache: both make the file larger and the start no faster, and neither
 * can be made for another architecture. The names are relative, because they are written into the executable.
 */
const configuration = {
  main: "bootstrap.cjs",
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
};

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** What an executable is made of. */
export interface ExecutableParts {
  readonly engine: Engine;
  /** One CommonJS file. */
  readonly program: Uint8Array;
  /** A Node that runs here and has the engine's version: only it writes blobs that the engine reads. */
  readonly generator: string;
}

/** Writes an executable file that is the engine with a program inside. */
export async function writeExecutable(file: string, parts: ExecutableParts): Promise<void> {
  await refuseOther(parts);
  const folder = await mkdtemp(join(tmpdir(), "bootlace-build-"));
  try {
    await writeFile(join(folder, configuration.main), parts.program);
    // Before the injection: afterwards the program would be taken for debris.
    await writeFile(file, await strippedEngine(parts.engine));
    if (buildsSea(parts.engine.version)) await buildSea(parts.generator, folder, file);
    else await inject(parts.generator, folder, file);
    await chmod(file, 0o755);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function refuseOther({ engine, generator }: ExecutableParts): Promise<void> {
  const { stdout } = await run(generator, ["--version"]);
  if (stdout.trim() === `v${engine.version}`) return;
  throw new BuildError(
    "engine-missing",
    `Cannot make an executable of Node ${engine.version} with Node ${stdout.trim()}: name a Node ${engine.version} that runs here`,
  );
}

/** Node does it in one step since 25.5. */
function buildsSea(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 25 || (major === 25 && minor >= 5);
}

async function buildSea(generator: string, folder: string, file: string): Promise<void> {
  const settings = { ...configuration, executable: file, output: "bootstrap" };
  await writeFile(join(folder, "sea.json"), JSON.stringify(settings));
  await tool(generator, ["--build-sea", "sea.json"], folder);
  await copyFile(join(folder, settings.output), file);
}

async function inject(generator: string, folder: string, file: string): Promise<void> {
  await writeFile(join(folder, "sea.json"), JSON.stringify({ ...configuration, output: "bootstrap.blob" }));
  await tool(generator, ["--experimental-sea-config", "sea.json"], folder);
  // Its command and not its API: the API writes a dozen warnings into our own output and keeps its memory.
  const postject = require.resolve("postject/dist/cli.js");
  const blob = join(folder, "bootstrap.blob");
  await tool(process.execPath, [postject, file, resourceName, blob, "--sentinel-fuse", sentinelFuse]);
}

async function tool(command: string, args: readonly string[], cwd?: string): Promise<void> {
  // NODE_OPTIONS of whoever builds would reach the generator and postject.
  const { NODE_OPTIONS: _, ...env } = process.env;
  await run(command, args, { cwd, env }).catch((error) => {
    const words = [command, ...args].map((word) => basename(word)).join(" ");
    throw new BuildError("tool-failed", `Cannot make the executable: "${words}" failed: ${complaint(error)}`, error);
  });
}

/** What a tool said last, on whichever stream; postject writes errors to the first, in red, among warnings on the second. */
function complaint(error: { readonly stdout?: string; readonly stderr?: string; readonly message: string }): string {
  const lines = stripVTControlCharacters(`${error.stderr ?? ""}\n${error.stdout ?? ""}`).split("\n");
  return lines.findLast((line) => line.trim() !== "")?.trim() ?? error.message;
}
