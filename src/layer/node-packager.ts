import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dependencyFile } from "../platform/package-root.ts";
import type { Ingredients } from "./executable.ts";
import { runTool } from "./run-tool.ts";

/** Where Node looks for the program inside itself. https://nodejs.org/api/single-executable-applications.html */
const resourceName = "NODE_SEA_BLOB";
const sentinelFuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * What the executable is. No snapshot and no code cache: both make the file larger and the start no faster, and neither
 * can be made for another architecture. The names are relative, because they are written into the executable.
 */
const configuration = {
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
};

/** Node's own tools: one step since 25.5, before that a blob that postject puts into the engine. */
export async function packWithNode({ folder, engine, main, generator, version }: Ingredients): Promise<string> {
  const settings = { ...configuration, main };
  return buildsSea(version) ? buildSea(settings) : inject(settings);

  async function buildSea(config: typeof settings): Promise<string> {
    await writeFile(join(folder, "sea.json"), JSON.stringify({ ...config, executable: engine, output: "packed" }));
    await runTool(generator, ["--build-sea", "sea.json"], { cwd: folder });
    return "packed";
  }

  async function inject(config: typeof settings): Promise<string> {
    await writeFile(join(folder, "sea.json"), JSON.stringify({ ...config, output: "blob" }));
    await runTool(generator, ["--experimental-sea-config", "sea.json"], { cwd: folder });
    await copyFile(join(folder, engine), join(folder, "packed"));
    // Its command and not its API: the API writes a dozen warnings into our own output and keeps its memory.
    const postject = dependencyFile("postject/dist/cli.js");
    const args = ["packed", resourceName, "blob", "--sentinel-fuse", sentinelFuse];
    await runTool(process.execPath, [postject, ...args], { cwd: folder });
    return "packed";
  }
}

function buildsSea(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 25 || (major === 25 && minor >= 5);
}
