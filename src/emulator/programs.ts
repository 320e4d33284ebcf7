/** The programs that a function brings along: its bootstrap and its external extensions. */
import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ProcessName } from "../core/environment/model.ts";
import { entrypointProblem } from "./supervisor/entrypoint.ts";
import type { Folders } from "./supervisor/isolation.ts";

type Code = Pick<Folders, "task" | "opt" | "root">;

/** Where Lambda looks for a bootstrap, in order. DG/runtimes-custom.html */
const bootstrapPaths = ["/var/task/bootstrap", "/opt/bootstrap"] as const;

/** Where Lambda's own images have theirs. RIE rapid/sandbox.go */
const imageBootstrap = "/var/runtime/bootstrap";

/** The path of a process's program, as the environment sees it. */
export function programOf(name: ProcessName, code: Code): string {
  if (name !== "runtime") return `/opt/extensions/${name.slice("extension:".length)}`;
  const paths = code.root === undefined ? bootstrapPaths : [...bootstrapPaths, imageBootstrap];
  return paths.find((path) => existsSync(onThisMachine(path, code))) ?? bootstrapPaths[0];
}

/** The same file on this machine. */
export function onThisMachine(path: string, { task, opt, root }: Code): string {
  if (path.startsWith("/var/task/")) return join(task, path.slice("/var/task/".length));
  if (path.startsWith("/opt/")) return join(opt, path.slice("/opt/".length));
  return root === undefined ? path : join(root, dereferenced(root, path));
}

/** How many links the kernel follows. man 7 path_resolution */
const linksMax = 40;

/** A path of an image without the links on its way, which lead to places in the image and not on this machine. */
function dereferenced(root: string, path: string, links = 0): string {
  const parent = dirname(path);
  if (parent === path || links > linksMax) return path;
  const folder = dereferenced(root, parent, links);
  const here = join(folder, path.slice(parent.length));
  if (lstatSync(join(root, here), { throwIfNoEntry: false })?.isSymbolicLink() !== true) return here;
  return dereferenced(root, resolve(folder, readlinkSync(join(root, here))), links + 1);
}

/** Every entry of /opt/extensions that is not a folder, in alphabetical order. RIE agents/agent.go */
export function externalExtensions({ opt }: Code): readonly string[] {
  const folder = join(opt, "extensions");
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Why the kernel would not run this program, in a sentence for whoever packed it; undefined when it would. */
export function programProblem(path: string, code: Code): string | undefined {
  // Looked for everywhere, and named by the first place where nothing is.
  if (path === bootstrapPaths[0] && !existsSync(onThisMachine(path, code)))
    return `there is no bootstrap in /var/task or /opt: add a layer with one, such as openLocalLayer() of "bootlace/layer" makes`;
  const place = code.root === undefined ? "here" : `in "${code.root}": is that an unpacked container image?`;
  return entrypointProblem(onThisMachine(path, code), path, {
    located: (wanted) => onThisMachine(wanted, code),
    place,
  });
}

/** As `programProblem`, for the first of all programs that cannot run. */
export function anyProgramProblem(code: Code): string | undefined {
  const names: readonly ProcessName[] = [
    "runtime",
    ...externalExtensions(code).map((name): ProcessName => `extension:${name}`),
  ];
  return names.map((name) => programProblem(programOf(name, code), code)).find((problem) => problem !== undefined);
}
