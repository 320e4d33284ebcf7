import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";

/** Installs the packages of a folder from its lockfile, where they are not there yet. Rejects with npm's reason. */
export async function installed(folder: string, say: (line: string) => void): Promise<void> {
  if (isInstalled(folder)) return;
  say(`Installing the packages of ${folder}: a minute or so where native parts are compiled`);
  await install(folder);
}

function isInstalled(folder: string): boolean {
  const wanted = Object.entries(manifest(folder).dependencies ?? {});
  return wanted.every(([name, version]) => {
    const place = join(folder, "node_modules", name);
    return existsSync(join(place, "package.json")) && manifest(place).version === version;
  });
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

async function install(folder: string): Promise<void> {
  const nodeFolder = dirname(dirname(process.execPath));
  // npm must run on the Node that the peer will run on, and its headers lie beside it: nothing else is fetched.
  const env = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    ...(existsSync(join(nodeFolder, "include/node/node.h")) ? { npm_config_nodedir: nodeFolder } : {}),
  };
  const child = spawn("npm", ["ci", "--loglevel", "error", "--prefix", folder], {
    cwd: folder,
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
