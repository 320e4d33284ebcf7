import { accessSync, constants, readdirSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import type { StartChange } from "./subject-case.ts";
import { SubjectError } from "./verdict.ts";

/**
 * The command as it can be run from any folder: its program by its full path, and arguments that name a file of the
 * current folder as well, because the runtime starts in the function's folder, as in Lambda.
 */
export function absoluteCommand(command: readonly string[], searchPath: string): readonly string[] {
  const [program, ...args] = command;
  if (program === undefined) throw new SubjectError("Name the command that starts the subject, such as ./bootstrap");
  const candidates = program.includes("/")
    ? [resolve(program)]
    : searchPath.split(delimiter).map((folder) => join(folder, program));
  const found = candidates.find(isProgram);
  if (found === undefined) throw new SubjectError(`There is no program "${program}" that can be run`);
  return [found, ...args.map((argument) => (isFile(argument) ? resolve(argument) : argument))];
}

/** Folders of which each environment with mounts has its own, so that what lies there outside is not to be seen. */
const mounted = ["/var/task/", "/var/runtime/", "/var/tmp/", "/opt/", "/tmp/", "/run/"];

/** The command, if all its files can be seen where those folders are mounted; else somebody else's fault would be blamed. */
export function visibleWithMounts(command: readonly string[]): readonly string[] {
  for (const word of command) {
    const folder = mounted.find((candidate) => word.startsWith(candidate));
    if (folder !== undefined && isFile(word))
      throw new SubjectError(
        `"${word}" cannot be seen with "--mounts", which puts another ${folder.slice(0, -1)} there`,
      );
  }
  return command;
}

/** The extension in a folder that becomes `/opt`: the one called so, or the only one that there is. */
export function optExtension(opt: string, name: string | undefined): string {
  const folder = join(opt, "extensions");
  const entries = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(folder, { withFileTypes: true })
    : [];
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const [only, other] = name === undefined ? files : files.filter((file) => file === name);
  if (only !== undefined && other === undefined) return only;
  if (only === undefined)
    throw new SubjectError(`There is no extension ${name === undefined ? "" : `"${name}" `}in "${folder}"`);
  throw new SubjectError(`There are several extensions in "${folder}": name one with "--file-name"`);
}

/** Writes a `bootstrap` that becomes the command, with the changes made before; `opened` is what a descriptor leads to. */
export function writeLauncher(
  file: string,
  command: readonly string[],
  change: StartChange = {},
  opened = "/dev/null",
): void {
  const { folder, variables = {}, taskFolders = {}, descriptor } = change;
  const lines = [
    "#!/bin/sh",
    ...(folder === undefined ? [] : [`cd ${quoted(folder)}`]),
    ...Object.entries(variables).map(([name, value]) =>
      value === null ? `unset ${name}` : `export ${name}=${quoted(value)}`,
    ),
    ...Object.entries(taskFolders).map(([name, path]) => `export ${name}="$LAMBDA_TASK_ROOT/"${quoted(path)}`),
    ...(descriptor === undefined
      ? []
      : [`export ${descriptor.variable}=${descriptor.number}`, `exec ${descriptor.number}>>${quoted(opened)}`]),
    `exec ${command.map(quoted).join(" ")}`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o755 });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isFile(path);
  } catch {
    return false;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
