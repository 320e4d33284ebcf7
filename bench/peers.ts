import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import type { Absence, Subject } from "./subjects.ts";

/** The official runtime of Node for container images; every ratio is against it. */
export const baseline = "aws-lambda-ric";

const peers = join(import.meta.dirname, "peers");

/** The peer's runtime on this Node, installed from the lockfile of bench/peers where it is not yet. */
export async function peerSubject(say: (line: string) => void): Promise<Subject | Absence> {
  try {
    if (!isInstalled()) {
      say(`Installing ${baseline} into bench/peers, which compiles its native part: a minute or so`);
      await install();
    }
  } catch (error) {
    return { name: baseline, reason: `It cannot be installed: ${error instanceof Error ? error.message : error}` };
  }
  const { version } = manifest(join("node_modules", baseline));
  const command = [process.execPath, join(peers, "node_modules", baseline, "index.mjs")] as const;
  return { name: baseline, what: `the official runtime client, version ${version}`, command, handlerAsArgument: true };
}

function isInstalled(): boolean {
  if (!existsSync(join(peers, "node_modules", baseline, "package.json"))) return false;
  return manifest(join("node_modules", baseline)).version === manifest(".").dependencies[baseline];
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(peers, folder, "package.json"), "utf8"));
}

async function install(): Promise<void> {
  const nodeFolder = dirname(dirname(process.execPath));
  // npm must run on the Node that the peer will run on, and its headers lie beside it: nothing else is fetched.
  const env = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    ...(existsSync(join(nodeFolder, "include/node/node.h")) ? { npm_config_nodedir: nodeFolder } : {}),
  };
  const child = spawn("npm", ["ci", "--loglevel", "error", "--prefix", peers], {
    cwd: peers,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [said, complained, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(reasonIn(`${said}\n${complained}`) ?? `npm ended with ${code}`);
}

/** npm and compilers write pages; the line that says why is the last that complains, or the last one. */
function reasonIn(output: string): string | undefined {
  const lines = output.split("\n").map((line) => line.replace(/^npm error /, "").trim());
  const relevant = lines.filter((line) => line !== "" && !/complete log of this run|Ignoring unknown/.test(line));
  const complaints = relevant.filter((line) => /not found|missing|failed|error:/i.test(line));
  return (complaints.at(-1) ?? relevant.at(-1))?.slice(0, 200);
}
