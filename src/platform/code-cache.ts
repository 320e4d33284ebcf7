import { readFileSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { Script } from "node:vm";
import { Module } from "./node-module.ts";

/** What a CommonJS file is wrapped into. https://nodejs.org/api/modules.html#the-module-wrapper */
const wrapper = ["(function (exports, require, module, __filename, __dirname) { ", "\n})"] as const;

/** Begins a cache file; four bytes each for the length of V8's data and of the wrapped source follow, then both. */
const magic = "bootlace";
const dataAt = magic.length + 8;

type Compile = (this: NodeJS.Module, content: string, filename: string, format?: string) => unknown;

// as: not in the type declarations; loaders of every kind have stood on it since Node 0.x.
const loader = Module.prototype as unknown as { _compile: Compile };

/** Names the file beside `file` that holds its compiled code for this engine and no other. */
export function codeCacheFile(file: string, version: string = process.version, arch: string = process.arch): string {
  return `${file}.${version}-${arch}.cache`;
}

/** A cache file's bytes: compiled code, and the source that it was compiled from. */
export function codeCacheBytes(source: string, data: Uint8Array): Buffer {
  // As V8 takes it: to wrap it at a start would copy it.
  const text = Buffer.from(moduleFunction(source), "utf8");
  const head = Buffer.alloc(dataAt);
  head.write(magic, "latin1");
  head.writeUInt32LE(data.length, magic.length);
  head.writeUInt32LE(text.length, magic.length + 4);
  return Buffer.concat([head, data, text]);
}

/** The source of a CommonJS file as the function that Node makes of it. */
export function moduleFunction(source: string): string {
  return wrapper[0] + source + wrapper[1];
}

/** A module's code, of which more is compiled the more of it has run. */
export interface CompiledModule {
  createCachedData(): Buffer;
  readonly source: string;
}

/**
 * Does `load`, which must `require` the CommonJS `file`, with its code taken from the cache beside it. Whatever does not
 * fit (another engine, a source that was edited, a damaged file) is compiled as ever. All else is Node's own loader.
 */
export function withCodeCache<T>(file: string, load: () => T): T {
  const cache = readCache(file);
  if (cache === undefined) return load();
  const stop = compiling(file, ({ source, run }) => {
    const wrapped = wrappedOf(source, cache);
    return wrapped === undefined ? undefined : run(new ModuleScript(file, wrapped, cache.data));
  });
  try {
    return load();
  } finally {
    stop();
  }
}

/** Tells `compiled` of the code of the CommonJS `file` as soon as somebody requires it. */
export function watchCode(file: string, compiled: (module: CompiledModule) => void): void {
  compiling(file, ({ source, run }) => {
    const script = new ModuleScript(file, moduleFunction(source), undefined);
    compiled({ source, createCachedData: () => script.createCachedData() });
    return run(script);
  });
}

/** Whether the cache beside the CommonJS `file`, which nobody has loaded yet, is of this engine and of the file as it is. */
export function codeCacheFits(file: string): boolean {
  const cache = readCache(file);
  if (cache === undefined) return false;
  const wrapped = wrappedOf(readFileSync(file, "utf8"), cache);
  return wrapped !== undefined && new ModuleScript(file, wrapped, cache.data).accepted;
}

interface Compilation {
  readonly source: string;
  run(script: ModuleScript): object;
}

/** Takes the place of Node's compiler for one file, once; what `compile` leaves undefined goes to Node's own. */
function compiling(file: string, compile: (compilation: Compilation) => object | undefined): () => void {
  const original = loader._compile;
  const path = realpathSync(file);
  const stop = () => {
    if (loader._compile === ours) loader._compile = original;
  };
  const ours: Compile = function (source, filename, format) {
    if (filename !== path) return original.call(this, source, filename, format);
    stop();
    const run = (script: ModuleScript) => {
      mapSource(original, this, source, filename);
      return script.run(this, filename);
    };
    return compile({ source, run }) ?? original.call(this, source, filename, format);
  };
  loader._compile = ours;
  return stop;
}

class ModuleScript {
  readonly #script: Script;
  readonly #importsLater: boolean;

  constructor(filename: string, wrapped: string, data: Buffer | undefined) {
    this.#importsLater = wrapped.includes("import(");
    // Not imported: most functions bring no code, and start without it.
    const { constants, Script } = process.getBuiltinModule("node:vm");
    this.#script = new Script(wrapped, {
      filename,
      columnOffset: -wrapper[0].length,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      ...(data === undefined ? {} : { cachedData: data }),
    });
  }

  get accepted(): boolean {
    return this.#script.cachedDataRejected === false;
  }

  createCachedData(): Buffer {
    return this.#script.createCachedData();
  }

  /** As `Module.prototype._compile` does it. */
  run(module: NodeJS.Module, filename: string): object {
    const base = Module.createRequire(filename);
    const require = Object.assign((path: string) => module.require(path), {
      resolve: base.resolve,
      main: base.main,
      extensions: base.extensions,
      cache: base.cache,
    });
    if (this.#importsLater) keepLoaderWarningSilent();
    const wrapped = this.#script.runInThisContext();
    // An object, so that nobody takes `undefined` for "not compiled".
    return { result: wrapped.call(module.exports, module.exports, require, module, filename, dirname(filename)) };
  }
}

/**
 * `import()` in a script that we compile goes through Node's ordinary loader, as it does everywhere else in the file
 * system; Node warns once that this way there is new, which would be in the log of a function that did nothing unusual.
 */
function keepLoaderWarningSilent(): void {
  const original = process.emitWarning;
  const filtered = (...args: readonly unknown[]): void => {
    if (!String(args[0]).startsWith("vm.USE_MAIN_CONTEXT_DEFAULT_LOADER ")) Reflect.apply(original, process, args);
    else if (process.emitWarning === filtered) process.emitWarning = original;
  };
  process.emitWarning = filtered;
}

/** Node notes the source maps of what it compiles itself: it compiles the comment that names the map, and nothing else. */
function mapSource(compile: Compile, module: NodeJS.Module, source: string, filename: string): void {
  if (!process.sourceMapsEnabled) return;
  const comment = source.slice(source.lastIndexOf("\n//# sourceMappingURL=") + 1);
  if (comment.startsWith("//#")) compile.call(module, comment, filename, "commonjs");
}

interface Cache {
  /** The source as the function that Node makes of it, in UTF-8. */
  readonly text: Buffer;
  readonly data: Buffer;
}

/** What the cache holds around this source, and undefined if it holds another one. */
function wrappedOf(source: string, { text }: Cache): string | undefined {
  const [before, after] = wrapper;
  // As many characters as bytes are ASCII, which takes a copy where UTF-8 takes a reading.
  const isAscii = text.length === before.length + source.length + after.length;
  const wrapped = text.toString(isAscii ? "latin1" : "utf8");
  const isWhole = wrapped.startsWith(before) && wrapped.endsWith(after);
  return isWhole && wrapped.slice(before.length, -after.length) === source ? wrapped : undefined;
}

function readCache(file: string): Cache | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(codeCacheFile(file));
  } catch {
    return undefined;
  }
  if (bytes.length < dataAt || bytes.toString("latin1", 0, magic.length) !== magic) return undefined;
  const sourceAt = dataAt + bytes.readUInt32LE(magic.length);
  if (bytes.length !== sourceAt + bytes.readUInt32LE(magic.length + 4)) return undefined;
  return { text: bytes.subarray(sourceAt), data: bytes.subarray(dataAt, sourceAt) };
}
