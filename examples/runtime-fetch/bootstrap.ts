/**
 * A runtime for the functions of the web: `_HANDLER=app.default` is the export `fetch` of `app.mjs`: a function
 * from `Request` to `Response`, or something with a method `fetch`, as Hono's applications do. With `FETCH_RESPONSE=stream` in the
 * function's environment and the invoke mode RESPONSE_STREAM, responses are streamed.
 */
import { existsSync } from "node:fs";
import { type Fetch, fetchHandler, handlerName, loadModule, startRuntime, TypedError } from "bootlace";

startRuntime(async () => {
  const { name, member, path } = handlerName();
  const file = [".mjs", ".js", ".ts"].map(path).find((candidate) => existsSync(candidate));
  if (file === undefined) throw new TypedError("Runtime.ImportModuleError", `There is no module for "${name}"`);
  const found = property(await loadModule(file), member);
  const fetch = typeof found === "function" ? found : property(found, "fetch");
  if (typeof fetch !== "function") throw new TypedError("Runtime.HandlerNotFound", `"${name}" is no fetch function`);
  // as: that it is a function is all that can be known about it.
  return fetchHandler(fetch.bind(found) as Fetch, {
    response: process.env.FETCH_RESPONSE === "stream" ? "stream" : "buffer",
  });
});

function property(value: unknown, name: string): unknown {
  const holder = typeof value === "object" && value !== null ? value : {};
  return Reflect.get(holder, name);
}
