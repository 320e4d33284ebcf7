/**
 * Node's class of CommonJS modules, and its loader. A bundle has it at hand; the public `node:module`, which adds source
 * maps and hooks that nobody here asks for, is one more thing to load.
 */
export const Module: typeof import("node:module") = ownClass() ?? process.getBuiltinModule("node:module");

function ownClass(): typeof import("node:module") | undefined {
  if (typeof module !== "object" || !("createRequire" in module.constructor)) return undefined;
  // as: what made this module is the class itself.
  return module.constructor as typeof import("node:module");
}
