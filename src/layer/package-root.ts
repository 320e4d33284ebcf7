import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The folder of this package, be it a checkout or installed. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

/** A source file of this package by its name without suffix: TypeScript in a checkout, JavaScript when published. */
export function sourceFile(name: string): string {
  const typescript = join(packageRoot(), `${name}.ts`);
  return existsSync(typescript) ? typescript : join(packageRoot(), `${name}.js`);
}

/** Where built things are kept between runs: `node_modules/.cache/bootlace` of whoever builds. */
export function defaultCacheDirectory(): string {
  const above = dirname(packageRoot());
  const modules = basename(above) === "node_modules" ? above : join(packageRoot(), "node_modules");
  return join(modules, ".cache", "bootlace");
}
