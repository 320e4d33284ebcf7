import { access, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { BuildError } from "./build-error.ts";

/** Lambda's names for the architectures of a function. */
export type Architecture = "x86_64" | "arm64";

/** The Node that a bootstrap is made of. */
export interface Engine {
  readonly arch: Architecture;
  readonly version: string;
  readonly node: string;
  readonly licence: string;
}

const require = createRequire(import.meta.url);

/** The engine in `directory`, laid out as the npm packages of Node are, or the installed one of the architecture. */
export async function engineOf(arch: Architecture, directory?: string): Promise<Engine> {
  const folder = directory ?? installed(arch);
  try {
    const { version }: { readonly version: string } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const licence = await readFile(join(folder, "LICENSE"), "utf8");
    const node = join(folder, "bin", "node");
    await access(node);
    return { arch, version, node, licence };
  } catch (error) {
    throw new BuildError(
      "engine-missing",
      `Cannot use the engine in "${folder}": it needs bin/node, package.json and LICENSE, as the package "${manifest.engines[arch].engine}" has them`,
      error,
    );
  }
}

/** A Node that runs here and has the engine's version: only it writes blobs that the engine reads. */
export async function generatorOf(engine: Engine): Promise<string> {
  if (process.version === `v${engine.version}`) return process.execPath;
  const host = await engineOf(process.arch === "arm64" ? "arm64" : "x86_64");
  if (host.version === engine.version) return host.node;
  throw new BuildError(
    "engine-missing",
    `Cannot make an executable of Node ${engine.version} with Node ${process.version}: run the build on Node ${engine.version}`,
  );
}

function installed(arch: Architecture): string {
  const name = manifest.engines[arch].engine;
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (error) {
    throw new BuildError(
      "engine-missing",
      `Cannot find the engine for ${arch}: install the npm package "${name}", or name a folder that holds it`,
      error,
    );
  }
}
