import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { absoluteCommand, writeLauncher } from "../../conformance/command-line.ts";
import { temporaryFolder } from "../../platform/temporary-folder.ts";
import { UsageError } from "../failure.ts";

export interface RuntimeLayer {
  /** The function's code. */
  readonly task: string;
  readonly layers: readonly string[];
  readonly handler: string | undefined;
  remove(): void;
}

/** Where a container has its code and its layers, and its runtime where neither brings one. RIE rie/run.go */
const container = { task: "/var/task", opt: "/opt", runtime: "/var/runtime/bootstrap" };

/** The runtime that the command line names, in the current folder; or the one that lies where Lambda looks for it. */
export function runtimeLayer(command: readonly string[]): RuntimeLayer {
  if (command.length === 0) return containersOwn();
  const task = process.cwd();
  const [program = "", ...args] = found(command);
  const handler = args.at(-1);
  if (!existsSync(join(task, "bootstrap"))) return { ...launcher([program, ...args], task), handler };
  if (program !== join(task, "bootstrap"))
    throw new UsageError(
      `"${task}" has a bootstrap already, which Lambda would start: leave out the command, or that file`,
    );
  return { task, layers: extensionsOnly(), handler, remove: () => {} };
}

function found(command: readonly string[]): readonly string[] {
  try {
    return absoluteCommand(command, process.env.PATH ?? "");
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function containersOwn(): RuntimeLayer {
  const { task, opt, runtime } = container;
  if (!existsSync(task)) throw new UsageError(`Name the command that starts the runtime: there is no ${task} here`);
  const brought = [task, opt].some((folder) => existsSync(join(folder, "bootstrap")));
  if (!brought && existsSync(runtime)) return { ...launcher([runtime], task), handler: undefined };
  return { task, layers: existsSync(opt) ? [opt] : [], handler: undefined, remove: () => {} };
}

/** A layer whose `bootstrap` becomes the command, beside the extensions that are there. */
function launcher(command: readonly string[], task: string): Omit<RuntimeLayer, "handler"> {
  const { path, remove } = temporaryFolder("bootlace-rie-");
  writeLauncher(join(path, "bootstrap"), command, { folder: task });
  const extensions = join(container.opt, "extensions");
  if (existsSync(extensions)) symlinkSync(extensions, join(path, "extensions"));
  return { task, layers: [path], remove };
}

function extensionsOnly(): readonly string[] {
  return existsSync(join(container.opt, "extensions")) ? [container.opt] : [];
}
