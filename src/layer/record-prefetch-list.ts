import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { readElf } from "../platform/elf.ts";
import { packageRoot } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { type Architecture, hostArchitecture } from "./engine.ts";
import { type EngineName, fetchEngine } from "./fetch-package.ts";
import { emulatorOf } from "./foreign-engine.ts";
import { formatPrefetchList, pagesOf, prefetchListFile, runsOf, runsOfAddresses } from "./prefetch-list.ts";
import { functions, type Life, live, lives, type Places } from "./recorded-lives.ts";
import { writeRuntime } from "./runtime-parts.ts";
import { openScratchDisk } from "./scratch-disk.ts";

const run = promisify(execFile);

/** The same pages each time but for a dozen, now and then, of what V8 does when it finds the time. */
const timesEach = 8;

/** Further down than any layer lies. */
const depth = "one/two/three/four/five/six";

/** Records which pages of an engine a start and its first invocation touch, and writes the list into layer/engines. */
export async function recordPrefetchList(name: EngineName, arch: Architecture): Promise<string> {
  const { first, byLife } = await touchedPages(name, arch, timesEach);
  const pages = new Set([...first, ...[...byLife.values()].flatMap((each) => [...each])]);
  const runs = [...runsOf([...first]), ...runsOf([...pages].filter((page) => !first.has(page)))];
  const engineSha256 = createHash("sha256")
    .update(await readFile((await fetchEngine(name, arch)).node))
    .digest("hex");
  await writeFile(prefetchListFile(name, arch), formatPrefetchList({ engineSha256, runs }));
  return `${name} for ${arch}: ${pages.size} pages in ${runs.length} runs, ${first.size} of them first`;
}

/** Pages of an engine, by address. */
export interface TouchedPages {
  /**
   * By becoming the engine and by its loader, the end of the file among them: `--version` does little else. A start that
   * was asked for in the order of the file waited for the last page of all before it did anything.
   */
  readonly first: ReadonlySet<number>;
  readonly byLife: ReadonlyMap<Life["name"], ReadonlySet<number>>;
}

/**
 * Starts the engine from a file system that reads nothing ahead, so that what is in memory afterwards is what was
 * touched; making one needs root.
 */
export async function touchedPages(name: EngineName, arch: Architecture, times: number): Promise<TouchedPages> {
  const folder = temporaryFolder("bootlace-prefetch-");
  const disk = openScratchDisk(folder.path, { readaheadBytes: 0 });
  try {
    const resident = join(folder.path, "resident");
    await run("gcc", ["-O2", "-o", resident, join(packageRoot(), "layer/native/resident.c")]);
    const places = await prepared(disk.path, folder.path, name, arch);
    const engine = join(places.lambda.layer, manifest.places.engine);
    const elf = readElf(await readFile(engine));
    const inMemory = async () => pagesOf(runsOfAddresses(elf, printedRuns((await run(resident, [engine])).stdout)));
    const emulator = emulatorOf(arch);
    await disk.forget();
    const [program = "", ...args] = [...emulator, engine, "--version"];
    await run(program, args, { env: { LD_LIBRARY_PATH: join(places.lambda.layer, manifest.places.libraries) } });
    const first = new Set(await inMemory());
    const byLife = new Map(lives.map((life) => [life.name, new Set<number>()]));
    for (let time = 0; time < times; time += 1) {
      for (const life of lives) {
        await disk.forget();
        for (const page of await live(life, { places, emulator }, inMemory)) byLife.get(life.name)?.add(page);
      }
    }
    return { first, byLife };
  } finally {
    disk.close();
    folder.remove();
  }
}

/** The layer, on the disk, and the functions, each in two places: the same files, as far down as on Lambda and further. */
async function prepared(
  disk: string,
  folder: string,
  name: EngineName,
  arch: Architecture,
): Promise<Readonly<Record<Life["at"], Places>>> {
  const { folder: engine } = await fetchEngine(name, arch);
  const { node: generator } = await fetchEngine(name, hostArchitecture);
  const places = {
    lambda: { layer: join(disk, "opt"), task: join(folder, "task") },
    deep: { layer: join(disk, depth, "opt"), task: join(folder, depth, "task") },
  };
  for (const file of await writeRuntime({ arch, engine, generator, shape: "launcher" }, places.lambda.layer)) {
    const further = join(places.deep.layer, relative(places.lambda.layer, file));
    mkdirSync(dirname(further), { recursive: true });
    linkSync(file, further);
  }
  for (const { task } of Object.values(places))
    for (const [file, source] of Object.entries(functions)) {
      mkdirSync(dirname(join(task, file)), { recursive: true });
      writeFileSync(join(task, file), source);
    }
  return places;
}

function printedRuns(printed: string) {
  const lines = printed.trim().split("\n");
  return lines.map((line) => line.split(" ").map(Number)).map(([first = 0, count = 0]) => ({ first, count }));
}
