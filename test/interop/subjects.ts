/** Real runtimes, and how each is built with the tools of its own ecosystem. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { javascriptFixture, readFixture } from "../../src/conformance/fixture.ts";
import type { RuntimeSubject } from "../../src/conformance/harness-runtime.ts";
import { type Capability, capabilities } from "../../src/conformance/runtime-case.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { type EngineName, fetchEngine } from "../../src/layer/fetch-package.ts";
import { version } from "../../src/platform/version.ts";
import { ourRuntime } from "../conformance/subjects.ts";

const root = join(import.meta.dirname, "../..");

export interface InteropSubject {
  /** Its folder here: manifest, lock, handler, fixture.json, known-failing. */
  readonly name: string;
  readonly language: string;
  /** Which version of what is judged, for the matrix. */
  readonly version: string;
  readonly declared: readonly Capability[];
  /** Programs without which it cannot be built. */
  readonly tools: readonly string[];
  /** Commands that build it in its own folder, one after another. */
  readonly build: readonly (readonly string[])[];
  /** What starts it, relative to that folder. */
  readonly command: readonly string[];
  /** It writes files of fixed names in /tmp, of which each case then needs its own, as on Lambda. */
  readonly folders?: "mounts";
  /** Files beside its folder that it has in common with another subject; they are copied into it. */
  readonly shares?: readonly string[];
  /** It runs the suite's own JavaScript fixture. */
  readonly javascript?: true;
  /** It is our bootstrap as it lies here, on another Node than this one. */
  readonly engine?: EngineName;
}

export const subjects: readonly InteropSubject[] = [
  {
    name: "bootlace-node26",
    language: "JavaScript",
    version: `${version} on Node 26`,
    declared: capabilities,
    tools: ["npm"],
    build: [],
    command: [],
    javascript: true,
    engine: "node26",
  },
  {
    name: "bootlace-framework",
    language: "TypeScript",
    version: `${version}, startRuntime() on Node 24`,
    declared: ["streaming"],
    tools: [],
    build: [],
    command: ["start.sh"],
  },
  {
    name: "aws-lambda-ric",
    language: "JavaScript",
    version: "4.0.2 on Node 24",
    declared: ["streaming", "multi", "json-logs", "text-logs", "log-descriptor", "node-family"],
    tools: ["npm", "cmake", "g++", "make", "python3"],
    build: [["npm", "ci", "--no-audit", "--no-fund"]],
    command: ["start.sh"],
    javascript: true,
  },
  {
    name: "awslambdaric",
    language: "Python",
    version: "4.2.2 on Python 3.11",
    declared: ["multi", "snapstart", "json-logs", "log-descriptor"],
    tools: ["python3"],
    build: [
      ["python3", "-m", "venv", "venv"],
      ["venv/bin/python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt"],
    ],
    command: ["start.sh"],
  },
  {
    name: "aws-lambda-go",
    language: "Go",
    version: "1.55.1",
    declared: ["streaming"],
    tools: ["go"],
    build: [["go", "build", "-mod=readonly", "-o", "fixture", "."]],
    command: ["fixture"],
  },
  {
    name: "lambda_runtime",
    language: "Rust",
    version: "1.5.0",
    declared: [],
    tools: ["cargo"],
    build: [["cargo", "build", "--quiet", "--release"]],
    command: ["target/release/fixture"],
  },
  {
    name: "aws-lambda-java",
    language: "Java",
    version: "aws-lambda-java-runtime-interface-client 2.9.0 on Java 17",
    declared: ["multi", "snapstart", "json-logs", "log-descriptor"],
    tools: ["java", "javac", "mvn"],
    build: [["mvn", "-q", "-B", "--no-transfer-progress", "compile", "dependency:copy-dependencies"]],
    command: ["start.sh"],
    folders: "mounts",
  },
  {
    name: "fetch-loop-bun",
    language: "JavaScript",
    version: "a loop of ours on Bun 1.4.5",
    declared: [],
    tools: ["npm"],
    build: [["npm", "ci", "--no-audit", "--no-fund"]],
    command: ["start.sh"],
    shares: ["fetch-loop.mjs"],
    javascript: true,
  },
  {
    name: "fetch-loop-deno",
    language: "JavaScript",
    version: "a loop of ours on Deno 2.9.5",
    declared: [],
    tools: ["npm"],
    build: [["npm", "ci", "--no-audit", "--no-fund"]],
    command: ["start.sh"],
    shares: ["fetch-loop.mjs"],
    javascript: true,
  },
  {
    name: "curl-and-shell",
    language: "Bash",
    version: "after the tutorial of Lambda's documentation",
    declared: [],
    tools: ["bash", "curl"],
    build: [],
    command: ["bootstrap"],
  },
];

/** Tools of the subject that this machine does not have. */
export function missingTools({ tools }: InteropSubject): readonly string[] {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return tools.filter((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
}

/** Builds the subject outside the sources, once for each state of its folder. */
export async function buildSubject(subject: InteropSubject): Promise<RuntimeSubject> {
  const source = join(import.meta.dirname, subject.name);
  if (subject.engine !== undefined) {
    const { node } = await fetchEngine(subject.engine, hostArchitecture);
    return { ...ourRuntime(), command: [node, join(root, "src/runtime/main.ts")] };
  }
  // What needs no tool is run from where it is: Node takes no TypeScript from below node_modules.
  if (subject.build.length === 0) return startedFrom(source, subject);
  const folder = join(cacheFor(subject), subject.name);
  const state = stateOf(source, subject.shares);
  if (!existsSync(join(folder, "built")) || readFileSync(join(folder, "built"), "utf8") !== state) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    cpSync(source, folder, { recursive: true });
    for (const name of subject.shares ?? []) cpSync(join(import.meta.dirname, name), join(folder, name));
    for (const command of subject.build) await runTwice(command, folder);
    writeFileSync(join(folder, "built"), state);
  }
  return startedFrom(folder, subject);
}

/** Where it is built: an environment with mounts has a /tmp of its own, and does not see a checkout that lies there. */
function cacheFor({ folders }: InteropSubject): string {
  const hidden = folders === "mounts" && root.startsWith("/tmp/");
  return join(hidden ? join(homedir(), ".cache") : join(root, "node_modules/.cache"), "bootlace-interop");
}

function startedFrom(folder: string, { command, javascript, folders }: InteropSubject): RuntimeSubject {
  const [program = "", ...args] = command;
  return {
    command: ["/usr/bin/env", `NODE=${process.execPath}`, join(folder, program), ...args],
    fixture: readFixture(javascript === true ? javascriptFixture() : folder, undefined),
    folders: folders ?? "paths",
  };
}

/** Everything that a build depends on; the list of known failures and the recorded result are not part of that. */
function stateOf(folder: string, shares: readonly string[] = []): string {
  const hash = createHash("sha256");
  for (const name of shares) hash.update(name).update(readFileSync(join(import.meta.dirname, name)));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === "known-failing" || entry.name === "result.json") continue;
    hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return hash.digest("hex");
}

/** A registry that did not answer once is asked again. */
async function runTwice(command: readonly string[], cwd: string): Promise<void> {
  try {
    await run(command, cwd);
  } catch (error) {
    process.stderr.write(`TOOK a second attempt: ${error instanceof Error ? error.message : error}\n`);
    await sleep(5_000);
    await run(command, cwd);
  }
}

async function run(command: readonly string[], cwd: string): Promise<void> {
  const [program = "", ...args] = command;
  // Native parts are built against the Node that will load them, and need nobody's headers for that.
  const node = join(root, `node_modules/node-${process.platform}-${process.arch}`);
  const env = {
    ...process.env,
    PATH: `${join(node, "bin")}${delimiter}${process.env.PATH}`,
    npm_config_nodedir: node,
    npm_config_omit_lockfile_registry_resolved: "true",
  };
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let problem = "";
  child.stderr.on("data", (chunk) => {
    problem = `${problem}${chunk}`.slice(-2_000);
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`"${command.join(" ")}" ended with ${code}: ${problem}`);
}
