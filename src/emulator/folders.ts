import { cpSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { unpackZip } from "../platform/archive-unpack.ts";
import { type TemporaryFolder, temporaryFolder } from "../platform/temporary-folder.ts";
import { limits } from "../protocol/limits.ts";

/** A function or layer that is not where it should be; `code` is `MISSING_CODE`. */
export class MissingCodeError extends Error {
  readonly code = "MISSING_CODE";
}

/** The folders of one function: its code and merged layers, shared by its environments, and a place for their `/tmp`. */
export class FunctionFolders {
  readonly task: string;
  readonly opt: string;
  readonly #root: TemporaryFolder;

  private constructor(root: TemporaryFolder, task: string, opt: string) {
    this.#root = root;
    this.task = task;
    this.opt = opt;
  }

  /** `task` and each layer are a folder, used as it is, or a zip, unpacked here. Later layers cover earlier ones. */
  static async prepare(task: string, layers: readonly string[]): Promise<FunctionFolders> {
    if (layers.length > limits.layersMax) {
      throw new MissingCodeError(`A function has at most ${limits.layersMax} layers, not ${layers.length}`);
    }
    const root = temporaryFolder("bootlace-");
    try {
      const [only] = layers;
      const taskFolder = await folderOf(task, join(root.path, "task"), "function");
      if (layers.length === 1 && only !== undefined) {
        return new FunctionFolders(root, taskFolder, await folderOf(only, join(root.path, "opt"), "layer"));
      }
      return new FunctionFolders(root, taskFolder, await merged(layers, root.path));
    } catch (error) {
      root.remove();
      throw error;
    }
  }

  /** A new empty `/tmp`, which an environment keeps across its resets. */
  makeTmp(environmentId: number): string {
    const tmp = join(this.#root.path, `tmp-${environmentId}`);
    mkdirSync(tmp, { mode: 0o1777 });
    return tmp;
  }

  /** Takes away everything that was made here; the function's own folder stays. */
  remove(): void {
    this.#root.remove();
  }
}

async function folderOf(source: string, destination: string, what: string): Promise<string> {
  const path = resolve(source);
  if (!existsSync(path)) throw new MissingCodeError(`The ${what} "${source}" does not exist`);
  if (statSync(path).isDirectory()) return path;
  if (!statSync(path).isFile()) throw new MissingCodeError(`The ${what} "${source}" is neither a folder nor a zip`);
  await unpackZip(path, destination, { unzippedBytesMax: limits.packageUnzippedBytesMax });
  return destination;
}

async function merged(layers: readonly string[], root: string): Promise<string> {
  const opt = join(root, "opt");
  mkdirSync(opt);
  for (const [index, layer] of layers.entries()) {
    const folder = await folderOf(layer, join(root, `layer-${index}`), "layer");
    cpSync(folder, opt, { recursive: true, force: true, verbatimSymlinks: true });
  }
  return opt;
}
