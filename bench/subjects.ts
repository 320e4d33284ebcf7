import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { constants, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildBootstrap, bundleBootstrap } from "../src/layer/build-bootstrap.ts";
import { bundle } from "../src/layer/bundle.ts";
import type { Architecture } from "../src/layer/engine.ts";
import { buildFunctionArchive } from "../src/layer/function-archive.ts";
import { prefetchListFile } from "../src/layer/prefetch-list.ts";
import { writeRuntime } from "../src/layer/runtime-parts.ts";
import { unpackZip } from "../src/platform/archive-unpack.ts";
import { limits } from "../src/protocol/limits.ts";
import { installed } from "./installed.ts";
import { type Kind, realFunctions } from "./measures.ts";

/** Something that speaks to the Runtime API, and how to start it. */
export interface Subject {
  readonly name: string;
  readonly what: string;
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** The handler follows the command: a runtime that does not read `_HANDLER`. */
  readonly withHandler: boolean;
  /** Response and next poll leave together, so that an invocation is one round trip and not two. */
  readonly oneWrite?: true;
  /** The measures that it takes part in. */
  readonly kinds: readonly Kind[];
  /** The folder with the built functions, each in one of its own. */
  readonly builtFunctions?: string;
}

/** A subject that cannot take part, and why. */
export interface Absence {
  readonly name: string;
  readonly reason: string;
}

/** The functions of bench/real, built: with their compiled code, and without. */
export interface BuiltFunctions {
  readonly cached: string;
  readonly bare: string;
}

/** Builds what is ours into `folder`. */
export async function ourSubjects(folder: string, functions: BuiltFunctions | undefined): Promise<readonly Subject[]> {
  const file = (name: string) => join(folder, name);
  const layer = file("layer");
  // Of the installed engine, on which the others run as well.
  await writeRuntime({ arch, shape: "launcher", prefetchList: prefetchListFile("node24", arch) }, layer);
  const built = await buildBootstrap({ arch });
  // A copy, because a build that runs meanwhile may drop the file from the cache.
  await copyFile(built.file, file("single"), constants.COPYFILE_FICLONE);
  await writeFile(file("runtime.cjs"), (await bundleBootstrap()).code);
  await writeFile(file("floor.cjs"), (await floorBundle()).code);
  const node = process.execPath;
  const own = { environment: {}, withHandler: false } as const;
  const bootstrap = { ...own, command: [join(layer, "bootstrap")] } as const;
  return [
    {
      ...bootstrap,
      name: "bootstrap",
      what: "the layer as released: the launcher, bin/node, the compiled program",
      kinds: ["first-next", "first-answer", "warm", "calls", "memory"],
      ...(functions === undefined ? {} : { builtFunctions: functions.cached }),
    },
    ...(functions === undefined
      ? []
      : [
          {
            ...bootstrap,
            name: "no code",
            what: "the same, with functions that carry no compiled code",
            kinds: ["first-answer"] as const,
            builtFunctions: functions.bare,
          },
        ]),
    {
      ...bootstrap,
      name: "one write",
      what: "the same with BOOTLACE_ONE_WRITE=1",
      environment: { BOOTLACE_ONE_WRITE: "1" },
      oneWrite: true,
      kinds: ["warm", "calls"],
    },
    {
      ...own,
      name: "single",
      what: "the engine and the program in one executable",
      command: [file("single")],
      kinds: ["first-next"],
    },
    {
      ...own,
      name: "script",
      what: "the same program as a script of Node",
      command: [node, file("runtime.cjs")],
      kinds: ["first-next", "warm"],
    },
    {
      ...own,
      name: "floor",
      what: "40 lines that check nothing",
      command: [node, file("floor.cjs")],
      kinds: ["first-next", "warm", "calls", "memory"],
    },
    {
      name: "floor, one write",
      what: "the same, response and next poll together",
      command: [node, file("floor.cjs")],
      environment: { BOOTLACE_ONE_WRITE: "1" },
      withHandler: false,
      oneWrite: true,
      kinds: ["warm", "calls"],
    },
  ];
}

/** Builds the functions of bench/real as anybody would. */
export async function builtFunctions(folder: string, say: (line: string) => void): Promise<BuiltFunctions | Absence> {
  const sources = join(import.meta.dirname, "real");
  try {
    await installed(sources, say);
  } catch (error) {
    return { name: "real functions", reason: `Their packages cannot be installed: ${message(error)}` };
  }
  const places = { cached: join(folder, "cached"), bare: join(folder, "bare") };
  for (const place of Object.values(places)) await mkdir(place);
  for (const { name } of realFunctions) {
    const outFile = join(folder, `${name}.zip`);
    const cache = { handler: "index.handler", environment: {}, arch } as const;
    await buildFunctionArchive({ directory: join(sources, name), outFile, cache });
    await unpackZip(outFile, join(places.cached, name), { unzippedBytesMax: limits.packageUnzippedBytesMax });
    cpSync(join(places.cached, name), join(places.bare, name), { recursive: true });
    for (const path of readdirSync(join(places.bare, name)))
      if (path.endsWith(".cache")) rmSync(join(places.bare, name, path));
  }
  return places;
}

/** Whether a subject can be asked. */
export function takesPart({ kinds, builtFunctions: built }: Subject, kind: Kind): boolean {
  return kinds.includes(kind) && (kind !== "first-answer" || (built !== undefined && existsSync(built)));
}

const arch: Architecture = process.arch === "arm64" ? "arm64" : "x86_64";

function floorBundle() {
  const root = import.meta.dirname;
  const outFile = join(root, "floor.cjs");
  return bundle({ entry: join(root, "floor.ts"), root, outFile, format: "cjs", sourceMap: "none" });
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
