import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

// As tracers do that wrap a function: they know its module by the name it is imported by.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.endsWith("awaits.mjs")) writeSync(1, `imported by ${specifier.split("/")[0] || "its path"}\n`);
    return next(specifier, context);
  },
});
