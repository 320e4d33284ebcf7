import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import type { EmulatorCase } from "./emulator-case.ts";
import { EmulatorProcess } from "./emulator-process.ts";
import { installExtensions, installPuppet } from "./install-puppet.ts";
import { puppetProgram } from "./puppet-program.ts";
import { PuppetTheatre } from "./puppet-theatre.ts";
import type { SubjectOutput } from "./subject-output.ts";
import { SubjectError } from "./verdict.ts";

/** An emulator to be judged. */
export type EmulatorSubject =
  /**
   * Started for each case as `COMMAND DIR --port 0 --concurrency 1 --timeout SECONDS`; it prints its URL first. Where a
   * case needs them, `--layer DIR` and `--url 0 --invoke-mode MODE` follow, and the function's URL is printed behind
   * "Function URL:". SIGTERM asks it to end.
   */
  (
    | { readonly type: "command"; readonly command: readonly string[]; readonly lacks?: readonly EmulatorLack[] }
    /** Runs already, with the code of its function, and the content of `/opt`, in these folders. */
    | {
        readonly type: "url";
        readonly url: string;
        readonly functionDirectory: string;
        readonly optDirectory?: string;
        readonly functionUrl?: string;
        readonly functionName: string;
      }
  ) & {
    /** What plays its functions: "node", or the file of an executable. See {@link puppetProgram}. */
    readonly puppet?: string;
  };

/** Options that a command may not take. */
export const emulatorLackables = ["layer", "function-url", "managed-instances", "snap-start"] as const;
export type EmulatorLack = (typeof emulatorLackables)[number];

/** A subject that is ready for one case. */
export interface OpenEmulator extends AsyncDisposable {
  readonly theatre: PuppetTheatre;
  /** `host:port` of its Invoke API. */
  readonly authority: string;
  /** `host:port` of the function's URL. */
  readonly functionUrl?: string;
  readonly functionName: string;
  /** The function's time-out, where we have set it. */
  readonly timeoutMs?: number;
  /** Whether another case will meet the same emulator. */
  readonly shared: boolean;
  /** What it prints, where we have started it. */
  readonly output?: SubjectOutput;
  /** Asks it to end, as Ctrl-C would. */
  end(): void;
}

/** What says so on the command line. */
const modes = {
  "managed-instances": ["--profile", "lmi", "--max-concurrency", "8"],
  "snap-start": ["--snap-start"],
} as const;

const timeoutSecondsDefault = 30;

/** Why the subject cannot be given what the case needs; undefined when it can. */
export function emulatorLacks(subject: EmulatorSubject, { needs = {} }: EmulatorCase): string | undefined {
  const { extensions, end, functionUrl, mode } = needs;
  if (subject.type === "url") {
    if (mode !== undefined) return `an emulator that runs already is not told to be one for ${mode}`;
    if (end === true) return "an emulator that runs already is not ended by the suite";
    if (functionUrl !== undefined && subject.functionUrl === undefined) return "no function URL was named";
    if (extensions !== undefined && subject.optDirectory === undefined)
      return "no folder was named where extensions can be put (--opt-dir)";
    return undefined;
  }
  const lacks = subject.lacks ?? [];
  if (mode !== undefined && lacks.includes(mode)) return `the emulator has no mode for ${mode}`;
  if (extensions !== undefined && lacks.includes("layer")) return "the emulator takes no layer";
  if (functionUrl !== undefined && lacks.includes("function-url")) return "the emulator has no function URL";
  return undefined;
}

export async function openEmulator(subject: EmulatorSubject, testCase: EmulatorCase): Promise<OpenEmulator> {
  const theatre = await PuppetTheatre.open();
  try {
    return subject.type === "url" ? await meet(subject, testCase, theatre) : await start(subject, testCase, theatre);
  } catch (error) {
    await theatre.close();
    throw error;
  }
}

async function meet(
  { url, functionDirectory, optDirectory, functionUrl, functionName, puppet }: EmulatorSubject & { type: "url" },
  { needs = {} }: EmulatorCase,
  theatre: PuppetTheatre,
): Promise<OpenEmulator> {
  const authority = authorityOf(url);
  if (!(await listens(authority))) throw new SubjectError(`Nobody listens at ${url}`);
  const program = puppetProgram(puppet);
  installPuppet(functionDirectory, theatre.address, program);
  if (optDirectory !== undefined) installExtensions(optDirectory, needs.extensions ?? [], theatre.address, program);
  return {
    theatre,
    authority,
    ...(functionUrl === undefined ? {} : { functionUrl: authorityOf(functionUrl) }),
    functionName,
    shared: true,
    end: () => {},
    [Symbol.asyncDispose]: () => theatre.close(),
  };
}

async function start(
  { command, puppet }: EmulatorSubject & { type: "command" },
  { timeoutSeconds = timeoutSecondsDefault, needs = {} }: EmulatorCase,
  theatre: PuppetTheatre,
): Promise<OpenEmulator> {
  const folder = temporaryFolder("bootlace-puppet-");
  try {
    const { path, remove } = folder;
    const [task, opt] = [join(path, "task"), join(path, "opt")];
    mkdirSync(opt, { recursive: true });
    const program = puppetProgram(puppet);
    installPuppet(task, theatre.address, program);
    installExtensions(opt, needs.extensions ?? [], theatre.address, program);
    const emulator = await EmulatorProcess.start(command, [
      ...[task, "--port", "0", "--concurrency", "1", "--timeout", String(timeoutSeconds)],
      ...(needs.extensions === undefined ? [] : ["--layer", opt]),
      ...(needs.mode === undefined ? [] : modes[needs.mode]),
      ...(needs.functionUrl === undefined ? [] : ["--url", "0", "--invoke-mode", needs.functionUrl]),
    ]);
    const functionUrl = needs.functionUrl === undefined ? undefined : await emulator.functionUrl();
    return {
      theatre,
      authority: authorityOf(emulator.url),
      output: emulator.output,
      ...(functionUrl === undefined ? {} : { functionUrl: authorityOf(functionUrl) }),
      functionName: "function",
      timeoutMs: timeoutSeconds * 1000,
      shared: false,
      end: () => emulator.end(),
      [Symbol.asyncDispose]: async () => {
        await emulator[Symbol.asyncDispose]();
        await theatre.close();
        remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

function listens(authority: string): Promise<boolean> {
  const { hostname: host, port } = new URL(`http://${authority}`);
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/[[\]]/g, ""), port: Number(port || 80) });
    socket.once("connect", () => resolve(true));
    socket.once("connect", () => socket.destroy());
    socket.once("error", () => resolve(false));
  });
}

function authorityOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === "" ? "80" : port}`;
}
