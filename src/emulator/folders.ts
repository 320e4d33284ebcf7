import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { unpackZip } from "../platform/archive-unpack.ts";
import { type TemporaryFolder, temporaryFolder } from "../platform/temporary-folder.ts";
import { limits } from "../protocol/limits.ts";
import { measureCode } from "./measure-code.ts";
import { mergeLayers, type ShadowedFile } from "./merge-layers.ts";

/** A function or layer that is not where it should be; `code` is `MISSING_CODE`. */
export class MissingCodeError extends Error {
  readonly code = "MISSING_CODE";
}

/** A function with its layers that Lambda would not take; `code` is `PACKAGE_TOO_LARGE`. */
export class PackageTooLargeError extends Error {
  readonly code = "PACKAGE_TOO_LARGE";
}

export interface CodeSources {
  /** Folder or zip; undefined for a container image that brings its own. */
  readonly task: string | undefined;
  /** Folders or zips, lowest first. */
  readonly layers: readonly string[];
  /** The folder of an unpacked container image. */
  readonly root?: string | undefined;
  /** Whether it may not be larger than Lambda takes it: an image is measured as a whole when it is pushed, and may be. */
  readonly measured?: boolean;
}

interface Remarks {
  readonly shadowed: readonly ShadowedFile[];
  readonly unreadable: readonly string[];
}

/** The folders of one function: its code and merged layers, shared by its environments, and a place for their `/tmp`. */
export class FunctionFolders {
  readonly task: string;
  readonly opt: string;
  /** Files of layers that later layers cover. */
  readonly shadowed: readonly ShadowedFile[];
  /** What Lambda's user cannot read of the code. */
  readonly unreadable: readonly string[];
  readonly #root: TemporaryFolder;

  private constructor(root: TemporaryFolder, task: string, opt: string, { shadowed, unreadable }: Remarks) {
    this.#root = root;
    this.task = task;
    this.opt = opt;
    this.shadowed = shadowed;
    this.unreadable = unreadable;
  }

  /** A folder is used as it is, a zip is unpacked here. Later layers cover earlier ones. */
  static async prepare({ task, layers, root, measured = true }: CodeSources): Promise<FunctionFolders> {
    if (layers.length > limits.layersMax) {
      throw new MissingCodeError(`A function has at most ${limits.layersMax} layers, not ${layers.length}`);
    }
    const place = temporaryFolder("bootlace-");
    try {
      const taskFolder =
        task === undefined ? imageFolder(root, "var/task") : await folderOf(task, join(place.path, "task"), "function");
      const folders: string[] = [];
      for (const [index, layer] of layers.entries()) {
        folders.push(await folderOf(layer, join(place.path, `layer-${index}`), "layer"));
      }
      const code = [["/var/task", taskFolder], ...folders.map((folder) => ["/opt", folder] as const)] as const;
      const { bytes, unreadable } = measured ? measureCode(code) : { bytes: 0, unreadable: [] };
      checkSize(bytes);
      const [only] = folders;
      const own = root === undefined ? undefined : join(root, "opt");
      if (only !== undefined && folders.length === 1)
        return new FunctionFolders(place, taskFolder, only, { shadowed: [], unreadable });
      if (only === undefined && own !== undefined && existsSync(own)) {
        return new FunctionFolders(place, taskFolder, own, { shadowed: [], unreadable });
      }
      const opt = join(place.path, "opt");
      const shadowed = mergeLayers(folders, layers, opt);
      return new FunctionFolders(place, taskFolder, opt, { shadowed, unreadable });
    } catch (error) {
      place.remove();
      throw error;
    }
  }

  /** A new empty `/tmp`, which an environment keeps across its resets. */
  makeTmp(environmentId: number): string {
    const tmp = join(this.#root.path, `tmp-${environmentId}`);
    mkdirSync(tmp, { mode: 0o1777 });
    return tmp;
  }

  /** What an environment has left behind. */
  removeTmp(environmentId: number): void {
    for (const suffix of ["", ".cell"]) {
      rmSync(join(this.#root.path, `tmp-${environmentId}${suffix}`), { recursive: true, force: true });
    }
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

function imageFolder(root: string | undefined, path: string): string {
  if (root === undefined) throw new MissingCodeError("Name the function's folder or zip, or a root that holds it");
  const folder = join(resolve(root), path);
  if (existsSync(folder)) return folder;
  throw new MissingCodeError(`The root "${root}" has no "/${path}": name the function's folder as well`);
}

/** Lambda counts what everything unpacks to. */
function checkSize(bytes: number): void {
  const { packageUnzippedBytesMax } = limits;
  if (bytes <= packageUnzippedBytesMax) return;
  throw new PackageTooLargeError(
    `The function and its layers have ${bytes} bytes unzipped, and Lambda takes ${packageUnzippedBytesMax}: leave out what the function does not need`,
  );
}
