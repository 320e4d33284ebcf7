import { readFileSync } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { dependencyFile, isBrought, packageRoot } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";

/** Lambda's names for the architectures of a function. */
export const architectures = ["x86_64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/** The Node that a bootstrap is made of. */
export interface Engine {
  readonly arch: Architecture;
  readonly version: string;
  /** The folder, laid out as the npm packages of Node are. */
  readonly folder: string;
  readonly node: string;
  readonly licence: string;
}

/** The architecture of this machine; x86_64 where it is none of Lambda's. */
export const hostArchitecture: Architecture = process.arch === "arm64" ? "arm64" : "x86_64";

/** The engine in `directory`, laid out as the npm packages of Node are, or the installed one of the architecture. */
export async function engineOf(arch: Architecture, directory?: string): Promise<Engine> {
  const folder = directory ?? installed(arch);
  try {
    const { version }: { readonly version: string } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const licence = await readFile(join(folder, "LICENSE"), "utf8");
    const node = join(folder, "bin", "node");
    await access(node);
    return { arch, version, folder, node, licence };
  } catch (error) {
    throw new BuildError(
      "engine-missing",
      `Cannot use the engine in "${folder}": it needs bin/node, package.json and LICENSE, as the package "${manifest.architectures[arch].package}" has them`,
      error,
    );
  }
}

/** The folder of the Node that runs this, where that is one of the npm packages or laid out as they are. */
export function ownEngine(): string | undefined {
  const folder = dirname(dirname(process.execPath));
  const name = nameIn(join(folder, "package.json"));
  return name === manifest.architectures[hostArchitecture].package ? folder : undefined;
}

function nameIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")).name;
  } catch {
    return undefined;
  }
}

function installed(arch: Architecture): string {
  // Where npm installs, what is missing is installed; a program that brings the package brings its engine.
  const own = isBrought() && arch === hostArchitecture ? ownEngine() : undefined;
  if (own !== undefined) return own;
  const name = manifest.architectures[arch].package;
  try {
    return dirname(dependencyFile(`${name}/package.json`));
  } catch (error) {
    throw new BuildError(
      "engine-missing",
      `Cannot find the engine for ${arch}: install the npm package "${name}@${released(name)}", or name a folder that holds it`,
      error,
    );
  }
}

/** The version that the layers of Node's long-term release have: what is compiled for another one is no good there. */
function released(name: string): string {
  const lock = readFileSync(join(packageRoot(), "layer/engines/node24/package.json"), "utf8");
  return JSON.parse(lock).optionalDependencies[name];
}
