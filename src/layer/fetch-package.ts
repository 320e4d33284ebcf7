import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { broughtEngine, defaultCacheDirectory, isBrought, packageRoot } from "../platform/package-root.ts";
import { markUsed, removeUnused } from "../platform/user-cache.ts";
import { BuildError } from "./build-error.ts";
import { type Architecture, type Engine, engineOf, hostArchitecture, ownEngine } from "./engine.ts";

/** The Nodes that are released, by their folder in layer/engines/. */
export type EngineName = (typeof manifest.engines)[number];
export const engineNames: readonly EngineName[] = manifest.engines;

/** The engine that the lock in layer/engines/NAME pins, for an architecture that need not be this machine's. */
export async function fetchEngine(name: EngineName, arch: Architecture): Promise<Engine> {
  const packageName = manifest.architectures[arch].package;
  const lock: Lock = JSON.parse(
    await readFile(join(packageRoot(), "layer/engines", name, "package-lock.json"), "utf8"),
  );
  const here = await engineHere(arch, lock.packages[`node_modules/${packageName}`]?.version);
  return here ?? engineOf(arch, join(await fetchPackages(join("engines", name), arch), packageName));
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

/** The engine that runs this, or that a program like this one brings, where it is the one that is pinned. */
async function engineHere(arch: Architecture, version: string | undefined): Promise<Engine | undefined> {
  const folder = (arch === hostArchitecture ? ownEngine() : undefined) ?? broughtEngine(arch);
  const engine = folder === undefined ? undefined : await engineOf(arch, folder);
  return engine?.version === version ? engine : undefined;
}

/**
 * Installs what a lock under layer/ pins into the cache, where it is not yet, and gives its node_modules. npm checks
 * each package against the hash in the lock and runs none of their scripts.
 */
export function fetchPackages(name: string, arch: Architecture): Promise<string> {
  const key = `${name} ${arch}`;
  const running = underWay.get(key) ?? fetched(name, arch).finally(() => underWay.delete(key));
  underWay.set(key, running);
  return running;
}

/** Two layers of one release may want the same engine at the same time. */
const underWay = new Map<string, Promise<string>>();

async function fetched(name: string, arch: Architecture): Promise<string> {
  const source = join(packageRoot(), "layer", name);
  const cacheDirectory = defaultCacheDirectory();
  const label = `fetched-${name.replaceAll("/", "-")}-${arch}-`;
  const lock = await readFile(join(source, "package-lock.json"));
  const folder = join(cacheDirectory, `${label}${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`);
  const modules = join(folder, "node_modules");
  if (markUsed(folder)) return modules;
  const temporary = join(cacheDirectory, `.${label}${randomUUID()}`);
  try {
    await mkdir(temporary, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) await copyFile(join(source, file), join(temporary, file));
    await install(temporary, name, arch);
    // Whole or absent. Another run may have been quicker; what it put there is the same.
    await rename(temporary, folder).catch((error) => {
      if (!existsSync(modules)) throw error;
    });
    removeUnused(cacheDirectory);
    return modules;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function install(folder: string, name: string, arch: Architecture): Promise<void> {
  const { cpu } = manifest.architectures[arch];
  const target = ["--os", "linux", "--cpu", cpu, "--libc", "glibc"];
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", ...target];
  await promisify(execFile)("npm", [...args, "--prefix", folder], { cwd: folder }).catch((error) => {
    if (error.code === "ENOENT") throw new BuildError("engine-missing", withoutNpm(name, arch), error);
    const said = String(error.stderr ?? "").split("\n");
    const why = said.map((line) => line.replace(/^npm error /, "")).find((line) => line.trim() !== "");
    throw new BuildError(
      "engine-missing",
      `Cannot fetch "layer/${name}" for ${arch}: npm says "${why ?? error}"`,
      error,
    );
  });
}

function withoutNpm(name: string, arch: Architecture): string {
  const beside = `put "bootlace-${arch}" of the same release beside this program, which brings it, or `;
  const hint = isBrought() && name === join("engines", manifest.engines[0]) ? beside : "";
  return `Cannot get "layer/${name}" for ${arch}, since there is no npm: ${hint}install npm, which fetches it`;
}
