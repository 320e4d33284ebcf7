import { join } from "node:path";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { type EngineName, fetchEngine } from "../../src/layer/fetch-package.ts";
import { prefetchListFile } from "../../src/layer/prefetch-list.ts";
import { type RuntimeOptions, writeRuntime } from "../../src/layer/runtime-parts.ts";

/** A runtime that is started, as files in a folder of its own. */
export interface ColdSubject {
  readonly name: string;
  readonly what: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/** What the others are compared with: the same engine and program, started by a launcher that asks for nothing. */
export const withoutList = "no list";

const variants: readonly (Pick<ColdSubject, "name" | "what"> & Pick<RuntimeOptions, "shape"> & { list: boolean })[] = [
  {
    name: "launcher",
    what: "as released: asks for the pages of its list, then starts bin/node",
    shape: "launcher",
    list: true,
  },
  { name: withoutList, what: "the same without a list", shape: "launcher", list: false },
  { name: "single", what: "the engine and the program in one executable", shape: "single", list: false },
];

/** Builds the runtime in each way and writes it into `folder`. */
export async function coldSubjects(engine: EngineName, folder: string): Promise<readonly ColdSubject[]> {
  const arch = hostArchitecture;
  const fetched = await fetchEngine(engine, arch);
  const common = { arch, engine: fetched.folder, generator: fetched.node };
  return Promise.all(
    variants.map(async ({ name, what, shape, list }) => {
      const place = join(folder, name.replace(" ", "-"));
      const prefetchList = list ? { prefetchList: prefetchListFile(engine, arch) } : {};
      const files = await writeRuntime({ ...common, ...(shape && { shape }), ...prefetchList }, place);
      return { name, what, folder: place, files };
    }),
  );
}
