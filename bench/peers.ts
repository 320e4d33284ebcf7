import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSubject, type InteropSubject, subjects as interop, missingTools } from "../test/interop/subjects.ts";
import { installed } from "./installed.ts";
import type { Absence, BuiltFunctions, Subject } from "./subjects.ts";

/** The official runtime of Node for container images; every ratio is against it. */
export const baseline = "aws-lambda-ric";

/** The loops in C by their names. */
export const loops = { twoWrites: "C", oneWrite: "C, one write" } as const;

const peers = join(import.meta.dirname, "peers");
const own = { environment: {}, withHandler: false } as const;

/** Everybody else's runtimes that this machine can build; `folder` takes what is compiled here. */
export async function peerSubjects(
  folder: string,
  functions: BuiltFunctions | undefined,
  say: (line: string) => void,
): Promise<readonly (Subject | Absence)[]> {
  return [
    await officialClient(functions, say),
    ...loopsInC(folder),
    await fromInterop("aws-lambda-go", "AWS's client for Go", say),
    await fromInterop("lambda_runtime", "AWS's client for Rust", say),
  ];
}

/** The official client on this Node, installed from the lockfile of bench/peers where it is not yet. */
async function officialClient(
  functions: BuiltFunctions | undefined,
  say: (line: string) => void,
): Promise<Subject | Absence> {
  try {
    await installed(peers, say);
  } catch (error) {
    return { name: baseline, reason: `It cannot be installed: ${message(error)}` };
  }
  const folder = join(peers, "node_modules", baseline);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return {
    ...own,
    name: baseline,
    what: `the official runtime client, version ${version}`,
    command: [process.execPath, join(folder, "index.mjs")],
    withHandler: true,
    kinds: ["first-next", "first-answer", "warm", "calls", "memory"],
    // It passes over compiled code that lies beside a function: the bytes it runs are the same.
    ...(functions === undefined ? {} : { builtFunctions: functions.cached }),
  };
}

function loopsInC(folder: string): readonly (Subject | Absence)[] {
  const program = join(folder, "loop");
  const built = spawnSync("cc", ["-O2", "-o", program, join(peers, "loop.c")], { encoding: "utf8" });
  if (built.status !== 0)
    return [{ name: loops.twoWrites, reason: built.error?.message ?? built.stderr.split("\n")[0] ?? "" }];
  return [
    {
      ...own,
      name: loops.twoWrites,
      what: "a loop in C that checks nothing",
      command: [program],
      kinds: ["warm", "calls"],
    },
    {
      ...own,
      name: loops.oneWrite,
      what: "the same, response and next poll together",
      command: [program, "one-write"],
      oneWrite: true,
      kinds: ["warm", "calls"],
    },
  ];
}

/** The fixture of the interop suite, whose function gives the event back. */
async function fromInterop(name: string, what: string, say: (line: string) => void): Promise<Subject | Absence> {
  // as: both names are of that list, or the bench does not run at all.
  const subject = interop.find((candidate) => candidate.name === name) as InteropSubject;
  const missing = missingTools(subject);
  if (missing.length > 0) return { name, reason: `It cannot be built: there is no ${missing.join(", ")}` };
  try {
    say(`Building ${name}, where that has not been done`);
    const { command } = await buildSubject(subject);
    // as: a subject has a program.
    const started = command as readonly [string, ...string[]];
    return { ...own, name, what: `${what}, version ${subject.version}`, command: started, kinds: ["warm"] };
  } catch (error) {
    return { name, reason: `It cannot be built: ${message(error).split("\n")[0]}` };
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
