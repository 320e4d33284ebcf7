import { resolve } from "node:path";
import { TypedError } from "../function-error.ts";

/** What the function's configuration says of its handler; how a runtime reads `_HANDLER` is its own affair. */
export interface HandlerName {
  /** `_HANDLER` as it is, such as `src/orders.create`. */
  readonly name: string;
  /** Up to the last dot of the last part: `src/orders`. The whole name where there is no dot. */
  readonly file: string;
  /** Behind that dot: `create`. Empty where there is no dot. */
  readonly member: string;
  /** `LAMBDA_TASK_ROOT`, where the function's code lies. */
  readonly taskRoot: string;
  /** The file as a full path, with the suffix that the runtime gives to its kind of file. */
  path(suffix?: string): string;
}

/** Reads `_HANDLER` and `LAMBDA_TASK_ROOT`. A name that leads out of the function's folder is refused, as Lambda's own runtimes do. */
export function handlerName(env: NodeJS.ProcessEnv = process.env): HandlerName {
  const { _HANDLER: name = "", LAMBDA_TASK_ROOT: taskRoot = process.cwd() } = env;
  if (name === "") throw new TypedError("Runtime.MalformedHandlerName", "_HANDLER is not set: it names the function");
  if (name.includes("..") || name.startsWith("/"))
    throw new TypedError("Runtime.MalformedHandlerName", `"${name}" leads out of the function's folder`);
  const dot = name.lastIndexOf(".");
  const named = dot > name.lastIndexOf("/") + 1;
  const file = named ? name.slice(0, dot) : name;
  return {
    name,
    file,
    member: named ? name.slice(dot + 1) : "",
    taskRoot,
    path: (suffix = "") => resolve(taskRoot, `${file}${suffix}`),
  };
}
