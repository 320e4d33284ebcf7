import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { readElf } from "../platform/elf.ts";
import { defaultCacheDirectory, packageRoot } from "../platform/package-root.ts";
import { poolFlag } from "../platform/pool-flag.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { bundleBootstrap } from "./build-bootstrap.ts";
import { BuildError } from "./build-error.ts";
import type { Architecture } from "./engine.ts";
import { type EngineName, fetchEngine } from "./fetch-package.ts";
import { emulatorOf } from "./foreign-engine.ts";
import { formatPrefetchList, type PageRun, prefetchListFile, runsOfAddresses } from "./prefetch-list.ts";
import { ownProgram } from "./runtime-parts.ts";
import { openScratchDisk } from "./scratch-disk.ts";
import { strippedEngine } from "./stripped-engine.ts";

const run = promisify(execFile);

/** A function's folder; the starts of both are recorded, and a page that either touches is in the list. */
const files = {
  "package.json": packageOf("commonjs", "common.js"),
  "typed/package.json": packageOf("module", "index.js"),
  "typed/index.js": "export const handler = async () => 'hello';\n",
  "common.js": "exports.handler = async () => 'hello';\n",
  "module.mjs": "export const handler = async () => 'hello';\n",
};

/** As long and as varied as people's are: what Node skips of it touches pages too. */
function packageOf(type: "commonjs" | "module", main: string): string {
  const names = Array.from({ length: 20 }, (_, index) => [`package-${index}`, `^${index}.0.0`] as const);
  const dependencies = Object.fromEntries(names);
  const about = { name: "function", version: "1.0.0", private: true, type, description: "A function", keywords: ["a"] };
  const rest = { engines: { node: ">=20" }, bin: {}, scripts: { test: "true" }, files: [main], dependencies };
  return `${JSON.stringify({ ...about, main, exports: { ".": `./${main}`, "./x": { default: "./x.js" } }, ...rest }, null, 2)}\n`;
}

const functions = Object.keys(files).filter((name) => !name.endsWith("package.json"));

/** Starts of each function: the same pages each time but for a handful. */
const startsOfEach = 4;

/** A start under qemu on a busy machine. */
const startTimeoutMs = 60_000;

/**
 * Records which pages of an engine a start touches, and writes the list into layer/engines. It starts the engine from
 * a file system that reads nothing ahead, so what is in memory afterwards is what was touched; making one needs root.
 */
export async function recordPrefetchList(name: EngineName, arch: Architecture): Promise<string> {
  const engine = await fetchEngine(name, arch);
  const executable = await strippedEngine(engine);
  const folder = temporaryFolder("bootlace-prefetch-");
  try {
    const resident = join(folder.path, "resident");
    await run("gcc", ["-O2", "-o", resident, join(packageRoot(), "layer/native/resident.c")]);
    const disk = openScratchDisk(folder.path, { readaheadBytes: 0 });
    const recorded = new Set<number>();
    try {
      // As in a layer: from where the program is read decides what the engine does, too.
      const [node, program] = [join(disk.path, manifest.places.engine), join(disk.path, manifest.places.program)];
      for (const file of [node, program]) await mkdir(dirname(file), { recursive: true });
      await writeFile(node, executable, { mode: 0o755 });
      for (const { path, content } of await ownProgram((await bundleBootstrap()).code, engine, defaultCacheDirectory()))
        await writeFile(join(disk.path, path), content);
      for (const [file, source] of Object.entries(files)) {
        await mkdir(dirname(join(folder.path, file)), { recursive: true });
        await writeFile(join(folder.path, file), source);
      }
      const command = [...emulatorOf(arch), node, poolFlag];
      for (const file of functions.flatMap((one) => Array<string>(startsOfEach).fill(one))) {
        await disk.forget();
        await start([...command, program], folder.path, file);
        const { stdout } = await run(resident, [node]);
        for (const page of pagesOf(stdout)) recorded.add(page);
      }
    } finally {
      disk.close();
    }
    const runs = runsOfAddresses(
      readElf(executable),
      [...recorded].map((first) => ({ first, count: 1 })),
    );
    const engineSha256 = createHash("sha256")
      .update(await readFile(engine.node))
      .digest("hex");
    await writeFile(prefetchListFile(name, arch), formatPrefetchList({ engineSha256, runs }));
    return `${name} for ${arch}: ${recorded.size} pages in ${runs.length} runs`;
  } finally {
    folder.remove();
  }
}

function pagesOf(printed: string): readonly number[] {
  const runs: readonly PageRun[] = printed
    .trim()
    .split("\n")
    .map((line) => line.split(" ").map(Number))
    .map(([first = 0, count = 0]) => ({ first, count }));
  return runs.flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index));
}

/** Starts a bootstrap and ends it when it asks for its first event. */
async function start(command: readonly string[], taskRoot: string, file: string): Promise<void> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // as: a server that listens on a port has an address object.
  const { port } = server.address() as AddressInfo;
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    env: {
      PATH: "/usr/bin:/bin",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "prefetch",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      LAMBDA_TASK_ROOT: taskRoot,
      _HANDLER: `${file.split(".")[0]}.handler`,
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("it took too long")), startTimeoutMs);
      child.on("error", reject).on("exit", (code) => reject(new Error(`it ended with ${code}`)));
      server.on("connection", (socket) =>
        socket
          .on("error", () => {})
          .once("data", () => {
            clearTimeout(timer);
            resolve();
          }),
      );
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new BuildError("tool-failed", `Cannot record a start of "${command.join(" ")}": ${why}`, error);
  } finally {
    child.kill("SIGKILL");
    await ended;
    server.close();
  }
}
