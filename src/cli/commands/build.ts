import type { Build } from "../build/build.ts";
import { extensionBuild } from "../build/build-extension.ts";
import { functionBuild } from "../build/build-function.ts";
import { runtimeBuild } from "../build/build-runtime.ts";
import type { Command } from "../command.ts";
import { didYouMean } from "../did-you-mean.ts";
import { UsageError } from "../failure.ts";

const builds: Readonly<Record<string, Build>> = {
  function: functionBuild,
  runtime: runtimeBuild,
  extension: extensionBuild,
};

export const command: Command = {
  name: "build",
  summary: "a function's zip, or the layer of a runtime or an extension",
  help: Object.values(builds)
    .map(({ help }) => help)
    .join("\n\n"),
  helpOf: ([what = ""]) => builds[what]?.help,
  async run([what = "", ...args]) {
    const build = builds[what];
    if (build !== undefined) return build.run(args);
    const meant = didYouMean(what, Object.keys(builds));
    const hint = meant === undefined ? "" : `, did you mean "${meant}"?`;
    const instead = what === "" ? ': "bootlace build --help" shows how' : `, not "${what}"${hint}`;
    throw new UsageError(`Say what to build: function, runtime or extension${instead}`);
  },
};
