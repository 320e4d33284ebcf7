import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** A file that was built now or taken from an earlier build of the same inputs. */
export interface CachedFile {
  readonly file: string;
  readonly from: "build" | "cache";
}

/** How many results of one kind are kept. They are a hundred megabytes each. */
const keptMax = 8;

/** Gives the file that `make` writes, and gives it again, unmade, for the same `inputs`. Safe in parallel runs. */
export async function cached(
  place: { readonly directory: string; readonly kind: string },
  inputs: readonly (string | Uint8Array)[],
  make: (file: string) => Promise<void>,
): Promise<CachedFile> {
  const file = join(place.directory, `${place.kind}-${keyOf(inputs)}`);
  if (await touched(file)) return { file, from: "cache" };
  await mkdir(place.directory, { recursive: true });
  const temporary = join(place.directory, `.${place.kind}-${randomUUID()}`);
  try {
    await make(temporary);
    // Whole or absent: of two runs that build the same, the later one puts equal bytes in place.
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await dropOldest(place);
  return { file, from: "build" };
}

function keyOf(inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  // Lengths first, so that two inputs cannot be cut at another place into the same bytes.
  for (const input of inputs) hash.update(`${Buffer.byteLength(input)}:`).update(input);
  return hash.digest("hex").slice(0, 32);
}

/** Marks a hit as used, since the least used results go first. */
async function touched(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => false,
  );
}

async function dropOldest(place: { readonly directory: string; readonly kind: string }): Promise<void> {
  const names = (await readdir(place.directory)).filter((name) => name.startsWith(`${place.kind}-`));
  const files = names.map((name) => join(place.directory, name));
  // Another run may drop the same file first.
  const ages = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(file).catch(() => null))?.mtimeMs })),
  );
  const old = ages.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0)).slice(keptMax);
  for (const { file } of old) await rm(file, { force: true });
}
