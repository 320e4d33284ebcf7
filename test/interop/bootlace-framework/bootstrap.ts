/**
 * A runtime for TypeScript on our framework, as somebody would write it who wants no more than the door "bootlace": the
 * export that `_HANDLER` names is a function from event to result, or one that `rawHandler` has marked.
 */
import { existsSync } from "node:fs";
import {
  functionHandler,
  type Handler,
  handlerName,
  type InvocationHandler,
  loadModule,
  startRuntime,
  TypedError,
} from "bootlace";

startRuntime(async () => {
  const { name, member, path } = handlerName();
  if (member === "") throw new TypedError("Runtime.MalformedHandlerName", `"${name}" must read file.export`);
  const file = [".ts", ".js"].map(path).find((candidate) => existsSync(candidate));
  if (file === undefined) throw new TypedError("Runtime.ImportModuleError", `There is no module for "${name}"`);
  const found = Object(await loadModule(file))[member];
  if (typeof found !== "function") throw new TypedError("Runtime.HandlerNotFound", `"${name}" is no function`);
  // as: what a function of the fixture takes and gives is known by the name of its export.
  return member === "stream" ? (found as InvocationHandler) : functionHandler(found as Handler);
});
