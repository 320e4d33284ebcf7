import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isBrought } from "../../platform/package-root.ts";
import { type Command, parseCommand } from "../command.ts";
import { didYouMean } from "../did-you-mean.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { extensionProject } from "../new/extension-project.ts";
import { functionProject } from "../new/function-project.ts";
import type { Project } from "../new/project.ts";
import { runtimeProject } from "../new/runtime-project.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";
import { ownName } from "../own-name.ts";
import { dependencyOnThisPackage } from "../own-package.ts";

const projects: Readonly<Record<string, (name: string, dependency: string) => Project>> = {
  function: functionProject,
  runtime: runtimeProject,
  extension: extensionProject,
};

const options = {
  in: { type: "string", takes: "DIR", says: "where the project's folder goes", default: "." },
  json: { type: "boolean", default: false, says: "one JSON document in place of the lines" },
} as const satisfies DescribedOptions;

const help = `bootlace new ${Object.keys(projects).join("|")} NAME [options]

Writes a project of that kind into a new folder NAME. It runs on this machine, tests itself and builds with the commands
that its README shows.

${optionsHelp(options)}

  bootlace new function hello
  bootlace new runtime my-shell
  bootlace new extension my-telemetry`;

/** What npm takes for a package, and what is safe in the scripts of one. */
const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export const command: Command = {
  name: "new",
  summary: `a project to begin with: ${Object.keys(projects).join(", ")}`,
  help,
  async run(args) {
    const { values, positionals } = parseCommand("new", args, options);
    const [kind = "", name = "", ...more] = positionals;
    const make = projects[kind];
    if (make === undefined) throw new UsageError(unknownKind(kind));
    if (name === "") throw new UsageError(`Name the project, such as "bootlace new ${kind} my-${kind}"`);
    if (!namePattern.test(name) || more.length > 0)
      throw new UsageError(`Name the project in small letters, digits and hyphens, such as my-${kind}, not "${name}"`);
    const folder = join(values.in, name);
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new UsageError(`The folder "${folder}" is not empty: choose another name, or another place with "--in"`);
    const { files, next, nextWithoutNpm } = make(name, dependencyOnThisPackage());
    for (const [path, content] of Object.entries(files)) write(join(folder, path), content);
    const ours = nextWithoutNpm.map((words) => `${ownName()} ${words}`);
    const steps = [`cd ${folder}`, ...(isBrought() ? ours : ["npm install", ...next])];
    if (values.json) console.log(JSON.stringify({ folder, files: Object.keys(files), next: steps }, undefined, 2));
    else console.log([`${folder} is there. Next:`, "", ...steps.map((step) => `  ${step}`)].join("\n"));
    return exitCodes.success;
  },
};

function unknownKind(kind: string): string {
  const known = Object.keys(projects);
  const meant = didYouMean(kind, known);
  const hint = meant === undefined ? "" : `, did you mean "${meant}"?`;
  const instead = kind === "" ? ': "bootlace new --help" shows how' : `, not "${kind}"${hint}`;
  return `Say what to begin: ${known.join(", ")}${instead}`;
}

function write(file: string, content: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  } catch (error) {
    throw new UsageError(`Cannot write "${file}": ${error instanceof Error ? error.message : error}`);
  }
}
