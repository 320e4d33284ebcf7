import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

// As tracers do that wrap a function: they know its module by the name it is imported by, unless it imports itself.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.endsWith("awaits.mjs")) {
      const from = context.parentURL?.endsWith("awaits.mjs") ? "itself" : "elsewhere";
      writeSync(1, `imported by ${specifier.split("/")[0] || "its path"} from ${from}\n`);
    }
    return next(specifier, context);
  },
});
