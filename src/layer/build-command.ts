import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { basename } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { BuildError } from "./build-error.ts";
import { noteChecksums } from "./checksums.ts";
import { type Architecture, architectures } from "./engine.ts";
import { writeExecutableCommand } from "./executable-command.ts";
import { singleFile, writeSingleFile } from "./single-file.ts";

/**
 * Writes the command as it is passed on without npm: one file for whoever has Node, and an executable for each
 * architecture. Says in a line each how large it is and how large it may be.
 */
export async function buildCommand(
  outDir: string,
  wanted: readonly Architecture[] = architectures,
): Promise<readonly string[]> {
  await mkdir(outDir, { recursive: true });
  const { fileBytesMax, executableBytesMax } = manifest.releases.command;
  const command = await singleFile();
  const written = [await measured(await writeSingleFile(outDir, command), fileBytesMax)];
  // One after another: each is some hundred megabytes in memory, several times over.
  for (const arch of wanted)
    written.push(await measured(await writeExecutableCommand(outDir, arch, command.code), executableBytesMax));
  await noteChecksums(outDir, written);
  return written.map(
    ({ file, bytes, bytesMax, sha256 }) =>
      `Wrote ${file}: ${megabytes(bytes)} of ${megabytes(bytesMax)}, sha256 ${sha256}`,
  );
}

async function measured(file: string, bytesMax: number) {
  const content = await readFile(file);
  const bytes = content.byteLength;
  if (bytes > bytesMax) {
    await rm(file);
    throw new BuildError(
      "too-large",
      `Cannot write "${basename(file)}": it is ${megabytes(bytes)}, and its budget in layer/manifest.ts is ${megabytes(bytesMax)}`,
    );
  }
  return { file, bytes, bytesMax, sha256: createHash("sha256").update(content).digest("hex") };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
