/**
 * The `code` of an error of Node's, such as "ENOENT". Not by `instanceof`: test runners such as Jest run our code in a
 * context with an `Error` of its own, which Node's errors are none of.
 */
export function errorCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
