import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { withCodeCache } from "./code-cache.ts";
import { errorCode } from "./error-code.ts";
import { Module } from "./node-module.ts";

/**
 * Loads a file of the user: CommonJS or ES module, JavaScript or TypeScript, with or without top-level await.
 * Works from inside a single executable, where plain `require` and `import()` only know built-in modules.
 */
export async function loadModule(file: string): Promise<unknown> {
  if (isEsModule(file)) return importFile(file);
  try {
    return withCodeCache(file, () => Module.createRequire(file)(file));
  } catch (error) {
    // Only ES module syntax in a file that no package.json declares ends here, and only with top-level await.
    if (errorCode(error) === "ERR_REQUIRE_ASYNC_MODULE") return importFile(file);
    throw error;
  }
}

/** Where `require(specifier)` in a file of `directory` leads, NODE_PATH included; undefined when nowhere. */
export function resolveFrom(directory: string, specifier: string): string | undefined {
  try {
    return Module.createRequire(join(directory, "noop.js")).resolve(specifier);
  } catch (error) {
    if (errorCode(error) === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Sets NODE_PATH for this process and its children, unless somebody has: CommonJS packages are also found there. */
export function searchPackagesIn(directories: readonly string[]): void {
  if (process.env.NODE_PATH !== undefined) return;
  process.env.NODE_PATH = directories.join(":");
  // as: not in the type declarations, but what Node itself calls at start, and the only way to apply NODE_PATH later.
  (Module as unknown as { _initPaths(): void })._initPaths();
}

/** Imports what a file of `directory` would call `specifier`. */
export function importFrom(directory: string, specifier: string): Promise<unknown> {
  return importerIn(join(directory, "noop.js"))(specifier);
}

/** Requires what a file of `directory` would call `specifier`. */
export function requireFrom(directory: string, specifier: string): unknown {
  return Module.createRequire(join(directory, "noop.js"))(specifier);
}

/**
 * Not with `require`, which takes a third of the time where a module neither awaits nor fails: where one throws a text
 * Node writes lines of its own to stderr, stacks have nine frames of the loader, and a cycle is told in other words.
 * Nobody knows beforehand which module fails.
 */
function importFile(file: string): Promise<unknown> {
  const { href, pathname } = pathToFileURL(file);
  // By its path where that says the same, as AWS's client does, and from elsewhere: hooks of tracers know the function's
  // module by the former, and leave a module alone that imports itself.
  return importFrom(dirname(file), pathname === file ? file : href);
}

function importerIn(file: string): (specifier: string) => Promise<unknown> {
  // A module compiled by hand has the ordinary loader behind its `import()`, also inside a single executable.
  const importer = new Module(file);
  importer.filename = file;
  // as: `_compile` is not in the type declarations; loaders have used it since Node 0.x.
  (importer as unknown as { _compile(source: string, filename: string): void })._compile(
    "module.exports = (specifier) => import(specifier)",
    file,
  );
  return importer.exports;
}

function isEsModule(file: string): boolean {
  switch (extname(file)) {
    case ".mjs":
    case ".mts":
      return true;
    case ".cjs":
    case ".cts":
      return false;
    default:
      return packageType(dirname(file)) === "module";
  }
}

function packageType(directory: string): unknown {
  const manifest = join(directory, "package.json");
  if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, "utf8"))?.type;
  const parent = dirname(directory);
  return parent === directory ? undefined : packageType(parent);
}
