import { existsSync, readFileSync } from "node:fs";
import { patched } from "../../platform/byte-patch.ts";
import { type PackedFile, unpackFiles } from "../../platform/file-pack.ts";
import { BroughtFilesError, keptFolder } from "../../platform/user-cache.ts";

/** What an executable brings behind its program, and the names of the folders to which that is unpacked. */
interface Parts {
  readonly executable: Buffer;
  readonly files: readonly PackedFile[];
}

/** The folder of the Node that an executable is made of, unpacked once; `name` says what is in it. */
export function keptEngine(executable: string, name: string): string {
  return keptFolder(name, () => engineFiles(partsOf(executable)));
}

/** The folder of the command as one file, likewise. */
export function keptCommand(executable: string, name: string): string {
  return keptFolder(name, () => partsOf(executable).files.filter(({ path }) => path === "bootlace.mjs"));
}

/** The same of an executable for another architecture, whose program does not run here; undefined where there is none. */
export function foreignEngine(executable: string): string | undefined {
  if (!existsSync(executable)) return undefined;
  const parts = partsOf(executable);
  return keptFolder(contentOf(parts, "engine-folder").toString(), () => engineFiles(parts));
}

/** The Node differs by some hundred kilobytes from the executable that was made of it. */
function engineFiles(parts: Parts): readonly PackedFile[] {
  const content = patched(parts.executable, contentOf(parts, "engine.patch"));
  const others = parts.files.filter(({ path }) => ["package.json", "LICENSE"].includes(path));
  return [{ path: "bin/node", mode: 0o755, content }, ...others];
}

/** Behind the program lie the files as one piece, then its length in eight bytes. */
function partsOf(executable: string): Parts {
  const whole = readFileSync(executable);
  try {
    const end = whole.length - 8;
    const start = end - Number(whole.readBigUInt64LE(end));
    return { executable: whole.subarray(0, start), files: unpackFiles(whole.subarray(start, end)) };
  } catch (cause) {
    throw incomplete(executable, cause);
  }
}

function contentOf({ files }: Parts, name: string): Buffer {
  const found = files.find(({ path }) => path === name);
  if (found === undefined) throw incomplete(name);
  return Buffer.from(found.content.buffer, found.content.byteOffset, found.content.length);
}

function incomplete(what: string, cause?: unknown): BroughtFilesError {
  return new BroughtFilesError(
    `Cannot read "${what}": this is only part of an executable of Bootlace, fetch it again`,
    {
      cause,
    },
  );
}
