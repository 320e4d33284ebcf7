/** The files of this package: whoever reads one by its path asks here where it lies. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { userCacheFolder } from "./user-cache.ts";

/** Where the package is, for a program that it does not lie around. */
export interface PackagePlace {
  /** The folder, with its dependencies beside it as npm lays them; asked for once a file is read. */
  readonly root: () => string;
  readonly cacheDirectory: () => string;
  /** The folder of the Node of another executable of this package, by Lambda's name of its architecture. */
  readonly engine?: (arch: string) => string | undefined;
}

const besideUs: PackagePlace = { root: folderAbove, cacheDirectory: cacheOfCheckout };
let place = besideUs;

/** For a program that brings the package inside, before it reads a file. */
export function placePackage(other: PackagePlace): void {
  place = other;
}

/** The folder of this package, be it a checkout, installed, or unpacked by a program that brings it. */
export function packageRoot(): string {
  return place.root();
}

/** Whether the package travels inside the program that runs, which then needs no npm. */
export function isBrought(): boolean {
  return place !== besideUs;
}

/** Where built things are kept between runs: among a checkout's modules, else where this user's caches are. */
export function defaultCacheDirectory(): string {
  return place.cacheDirectory();
}

/** The folder of a Node for an architecture that need not be this machine's, where a program like this one brings it. */
export function broughtEngine(arch: string): string | undefined {
  return place.engine?.(arch);
}

/** A source file of this package by its name without suffix: TypeScript in a checkout, JavaScript when published. */
export function sourceFile(name: string): string {
  const typescript = join(packageRoot(), `${name}.ts`);
  return existsSync(typescript) ? typescript : join(packageRoot(), `${name}.js`);
}

/** A file of a package that this one depends on; throws where it is not installed. */
export function dependencyFile(specifier: string): string {
  return createRequire(join(packageRoot(), "package.json")).resolve(specifier);
}

/** A package that has to be loaded from where it lies, because it looks for files of its own. */
export function dependency(name: string): unknown {
  return createRequire(join(packageRoot(), "package.json"))(name);
}

/** The folder in which this package lies under its own name, where it was installed. */
export function modulesAround(): string | undefined {
  const above = dirname(packageRoot());
  return basename(above) === "node_modules" ? above : undefined;
}

function folderAbove(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** Not among the modules of a project that we are installed in: who packs them for Lambda would pack the cache. */
function cacheOfCheckout(): string {
  return modulesAround() === undefined ? join(packageRoot(), "node_modules", ".cache", "bootlace") : userCacheFolder();
}
