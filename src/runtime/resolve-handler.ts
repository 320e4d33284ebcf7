import { statSync } from "node:fs";
import { dirname, isAbsolute, posix, resolve } from "node:path";
import { errorCode } from "../platform/error-code.ts";
import { loadModule, resolveFrom } from "../platform/module-loader.ts";
import { TypedError } from "./function-error.ts";
import type { Handler } from "./function-handler.ts";

/** In the order in which the managed runtime looks, then the TypeScript ones that Node can run as they are. */
const extensions = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

/** Finds and loads what `_HANDLER` names, such as `src/index.handler`. Rejects with Lambda's own error types. */
export async function resolveHandler(taskRoot: string, name: string): Promise<Handler> {
  const { modulePath, exportPath } = parseHandlerName(name);
  const file = findFile(taskRoot, modulePath);
  const exports = await load(file);
  // A CommonJS module that was imported, or bundled as if it were, has its exports under `default`.
  const value = exportPath.reduce(property, exports) ?? exportPath.reduce(property, property(exports, "default"));
  if (value === undefined || value === null)
    throw new TypedError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  if (typeof value !== "function") throw new TypedError("Runtime.HandlerNotFound", `${name} is not a function`);
  // as: that it is a function is all that can be known about it.
  return value as Handler;
}

interface HandlerName {
  readonly modulePath: string;
  readonly exportPath: readonly string[];
}

function parseHandlerName(name: string): HandlerName {
  if (name.includes(".."))
    throw new TypedError(
      "Runtime.MalformedHandlerName",
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const base = posix.basename(name);
  const [, module = "", exportPath = ""] = /^([^.]*)\.(.+)$/.exec(base) ?? [];
  if (module === "" || exportPath === "")
    throw new TypedError("Runtime.MalformedHandlerName", `Bad handler '${name}': it must read file.export`);
  return { modulePath: name.slice(0, name.lastIndexOf(base)) + module, exportPath: exportPath.split(".") };
}

function findFile(taskRoot: string, modulePath: string): string {
  const base = resolve(taskRoot, modulePath);
  const file = extensions.map((extension) => base + extension).find(isFile);
  const found = file ?? resolveFrom(taskRoot, base) ?? resolveFrom(taskRoot, modulePath);
  // A built-in module resolves to its bare name, and is nobody's function.
  if (found !== undefined && isAbsolute(found)) return found;
  throw new TypedError(
    "Runtime.ImportModuleError",
    `Error: Cannot find module '${modulePath}': no such file in ${taskRoot} (tried ${extensions.slice(1).join(", ")}) and no such package`,
  );
}

async function load(file: string): Promise<unknown> {
  try {
    return await loadModule(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw typed("Runtime.UserCodeSyntaxError", error, file);
    const code = errorCode(error);
    if (error instanceof Error && (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND"))
      throw typed("Runtime.ImportModuleError", error, file);
    throw error;
  }
}

/** Lambda's type with the words and the stack of the original: that is where the author has to look. */
function typed(errorType: string, cause: Error, file: string): TypedError {
  const stack = String(cause.stack);
  // Node keeps the place of a syntax error in an ES module to itself.
  const where = stack.includes(dirname(file)) ? "" : ` (while loading ${file})`;
  const error = new TypedError(errorType, `${cause}${where}${adviceFor(errorType, cause, file)}`, { cause });
  error.stack = `${errorType}: ${stack}`;
  return error;
}

/** Node runs TypeScript without its types; functions written for the managed runtime may leave AWS's SDK to it. */
function adviceFor(errorType: string, { message }: Error, file: string): string {
  if (errorType === "Runtime.UserCodeSyntaxError" && /\.[cm]?ts$/.test(file))
    return "\nNode only removes types: build what has enums, namespaces, decorators or parameter properties, for example with `bootlace build function`";
  const isSdk =
    errorType === "Runtime.ImportModuleError" && /^Cannot find (?:module|package) '@(?:aws-sdk|smithy)\//.test(message);
  return isSdk
    ? "\nAWS's SDK is in the managed runtime and not in this layer: bundle it with the function, or add a layer that has it"
    : "";
}

function property(value: unknown, key: string): unknown {
  if (value === undefined || value === null) return undefined;
  // as: any other value may be indexed; what is not there is undefined.
  return (value as Record<string, unknown>)[key];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
