import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { packageRoot } from "../platform/package-root.ts";
import { version } from "../platform/version.ts";

/**
 * What a package.json has to say to get this very package: a version for one that came from a registry, else the checkout
 * or the tarball that it is or came from.
 */
export function dependencyOnThisPackage(root = packageRoot()): string {
  if (existsSync(join(root, "tsconfig.json"))) return `file:${root}`;
  const modules = dirname(root);
  const source = basename(modules) === "node_modules" ? resolvedIn(modules, basename(root)) : undefined;
  return source === undefined ? version : `file:${resolve(modules, "..", source)}`;
}

/** npm keeps there where each package came from: https://docs.npmjs.com/cli/configuring-npm/package-lock-json#hidden-lockfiles */
function resolvedIn(modules: string, name: string): string | undefined {
  const lock = join(modules, ".package-lock.json");
  if (!existsSync(lock)) return undefined;
  const { resolved } = JSON.parse(readFileSync(lock, "utf8")).packages?.[`node_modules/${name}`] ?? {};
  return typeof resolved === "string" && resolved.startsWith("file:") ? resolved.slice("file:".length) : undefined;
}
