/** The first run: from sources to an answered event, in a real execution environment. */
import { readFileSync, statSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PlatformRecord } from "../core/telemetry/record.ts";
import { emulate } from "../emulator/emulate.ts";
import type { LogLine } from "../emulator/environment-log.ts";
import { BuildError } from "../layer/build-error.ts";
import { buildFunction } from "../layer/build-function.ts";
import { buildLayer } from "../layer/build-layer.ts";
import { hostArchitecture } from "../layer/engine.ts";
import { type LocalLayer, openLocalLayer } from "../layer/local-layer.ts";
import { writeZip } from "../platform/archive-write.ts";
import { packageRoot } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { type Moment, Narrator, type PhaseSpan } from "./narrator.ts";

/** Everything that a first run shows. */
export interface FirstRun {
  readonly built: readonly Built[];
  readonly paths: string;
  readonly phases: readonly PhaseSpan[];
  readonly moments: readonly Moment[];
  readonly log: readonly LogLine[];
  readonly records: readonly PlatformRecord[];
  readonly event: string;
  readonly response: unknown;
  readonly functionError: boolean;
}

interface Built {
  readonly what: string;
  readonly from: string;
  readonly bytes: number;
  readonly tookMs: number;
}

/** Without an engine to pack, `bootstrap` is a folder on this machine. */
interface MadeLayers {
  readonly layers: readonly string[];
  readonly from: string;
}

/** Compressing a hundred megabytes well takes seconds; whoever tries things out does not wait for that. */
const quickLevel = 1;

/** The function that is shown. */
export const example = join("examples", "hello");

/** Builds, runs and shuts down; everything it makes lies in a temporary folder that it removes. */
export async function firstRun(signal: AbortSignal): Promise<FirstRun> {
  const { path: folder, remove } = temporaryFolder("bootlace-first-run-");
  let opened: LocalLayer | undefined;
  try {
    const layer = await timed(() => makeLayer(join(folder, "layer.zip")));
    signal.throwIfAborted();
    const code = await timed(() => makeFunction(folder));
    signal.throwIfAborted();
    const { layers, from } = layer.value;
    const files = { layers, function: join(folder, "function.zip") };
    const built = [
      { what: "layer", from, bytes: statSync(join(folder, "layer.zip")).size, tookMs: layer.tookMs },
      { what: "function", from: code.value, bytes: statSync(files.function).size, tookMs: code.tookMs },
    ];
    return { built, ...(await run(files, signal)) };
  } finally {
    opened?.remove();
    remove();
  }

  async function makeLayer(outFile: string): Promise<MadeLayers> {
    const common = { outFile, level: quickLevel, extensions: ["lifecycle"] };
    try {
      const layer = await buildLayer({ ...common, bootstrap: { arch: hostArchitecture } });
      const cached = layer.from === "cache" ? ", unchanged" : "";
      return { layers: [outFile], from: `bootstrap (${process.version}) and an extension${cached}` };
    } catch (error) {
      if (!(error instanceof BuildError && error.code === "engine-missing")) throw error;
    }
    await buildLayer({ ...common, bootstrap: "absent" });
    opened = await openLocalLayer();
    return { layers: [opened.folder, outFile], from: `an extension, beside bootstrap on this Node ${process.version}` };
  }
}

async function makeFunction(folder: string): Promise<string> {
  const outDir = join(folder, "function");
  const { file } = await buildFunction({ directory: join(packageRoot(), example), outDir });
  const names = await readdir(outDir);
  const entries = names.map(async (path) => {
    const content = await readFile(join(outDir, path));
    return { type: "file", path, mode: 0o644, content } as const;
  });
  await writeFile(join(folder, "function.zip"), await writeZip(await Promise.all(entries), { level: quickLevel }));
  return `${join(example, "index.ts")} as ${file}`;
}

async function run(files: { readonly layers: readonly string[]; readonly function: string }, signal: AbortSignal) {
  const narrator = new Narrator();
  const log: LogLine[] = [];
  const records: PlatformRecord[] = [];
  const event = readFileSync(join(packageRoot(), example, "event.json"), "utf8");
  const emulated = await emulate({
    task: files.function,
    layers: [...files.layers],
    functionName: "hello",
    memoryMb: 512,
    environmentsMax: 1,
    observer: () => ({
      log: (line) => log.push(line),
      record: (record) => records.push(record),
      stepped: (...step) => narrator.stepped(...step),
    }),
  });
  const stop = () => emulated.close();
  signal.addEventListener("abort", stop);
  try {
    const result = await emulated.invoke(JSON.parse(event));
    await result.logTail;
    signal.throwIfAborted();
    await emulated.close();
    const isolation = emulated.lambda.isolation;
    const paths =
      isolation.kind === "mounts"
        ? "/var/task, /opt and /tmp in mount namespaces of their own"
        : `not mounted (${isolation.reason}): the paths are passed by environment variables`;
    const { phases, moments } = narrator;
    const functionError = result.functionError !== undefined;
    return {
      paths,
      phases,
      moments,
      log,
      records,
      event: join(example, "event.json"),
      response: result.json(),
      functionError,
    };
  } finally {
    signal.removeEventListener("abort", stop);
    await emulated.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const began = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - began };
}
