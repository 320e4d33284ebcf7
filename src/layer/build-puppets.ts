import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultCacheDirectory, packageRoot } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";
import { compiled } from "./compiler.ts";
import { type Architecture, architectures } from "./engine.ts";

/** Static and without a C library, so that an image need not have anything. */
const flags = [
  ...["-std=c11", "-Os", "-Wall", "-Wextra", "-Werror"],
  ...["-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-pie", "-fno-ident"],
  // Else GCC makes of the loop in memset() a call of memset().
  "-fno-tree-loop-distribute-patterns",
  ...["-static", "-nostdlib", "-no-pie", "-s"],
  ...["-Wl,--build-id=none", "-Wl,-z,norelro", "-Wl,-z,noseparate-code"],
];

/** The program that the conformance suite has emulators start as a function or an extension. */
export async function compilePuppet(arch: Architecture, cacheDirectory = defaultCacheDirectory()): Promise<Buffer> {
  const kernel = await readFile(join(packageRoot(), "layer/native/kernel.h"), "utf8");
  return compiled({ arch, source: "native/puppet.c", flags, headers: { "kernel.h": kernel }, cacheDirectory });
}

/** Writes `puppet-ARCH` for each architecture that this machine can compile for, and says in sentences what it did. */
export async function buildPuppets(
  outDir: string,
  wanted: readonly Architecture[] = architectures,
): Promise<readonly string[]> {
  await mkdir(outDir, { recursive: true });
  return Promise.all(wanted.map((arch) => buildPuppet(outDir, arch)));
}

async function buildPuppet(outDir: string, arch: Architecture): Promise<string> {
  try {
    const bytes = await compilePuppet(arch);
    const file = join(outDir, `puppet-${arch}`);
    await writeFile(file, bytes);
    await chmod(file, 0o755);
    return `Wrote ${file}: ${bytes.length} bytes`;
  } catch (error) {
    if (!(error instanceof BuildError && error.code === "tool-missing")) throw error;
    return `Left out the puppet for ${arch}. ${error.message}`;
  }
}
