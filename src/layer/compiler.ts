import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { packageRoot } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { BuildError } from "./build-error.ts";
import { cached } from "./cache.ts";
import { type Architecture, hostArchitecture } from "./engine.ts";

/** One file of C under layer/, and what it is made with. */
export interface Compilation {
  readonly arch: Architecture;
  readonly source: string;
  readonly flags: readonly string[];
  /** Written beside the source while it is compiled. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cacheDirectory: string;
}

const run = promisify(execFile);

/** Compiles for either architecture: the same bytes for the same source and compiler. */
export async function compiled({ arch, source, flags, headers = {}, cacheDirectory }: Compilation): Promise<Buffer> {
  const { command, version } = await compilerFor(arch);
  const text = await readFile(join(packageRoot(), "layer", source));
  const inputs = [command, version, text, ...flags, ...Object.entries(headers).flat()];
  const { file } = await cached({ directory: cacheDirectory, kind: "compiled" }, inputs, async (temporary) => {
    const folder = temporaryFolder("bootlace-compile-");
    try {
      // In a folder of its own and by a relative name, so that no path of this machine gets into the file.
      await writeFile(join(folder.path, "source.c"), text);
      for (const [name, content] of Object.entries(headers)) await writeFile(join(folder.path, name), content);
      await run(command, [...flags, "-o", temporary, "source.c"], { cwd: folder.path });
    } catch (error) {
      const why = String(error instanceof Error && "stderr" in error ? error.stderr : error).split("\n");
      const line = why.find((one) => one.includes("error")) ?? why[0];
      throw new BuildError("tool-failed", `Cannot compile "layer/${source}" for ${arch}: ${line}`, error);
    } finally {
      folder.remove();
    }
  });
  return readFile(file);
}

/** The compiler of an architecture, and what it calls itself: that decides the bytes. */
async function compilerFor(arch: Architecture): Promise<{ readonly command: string; readonly version: string }> {
  const { own, foreign, foreignPackage } = manifest.architectures[arch].compiler;
  const isOwn = process.platform === "linux" && arch === hostArchitecture;
  const command = isOwn ? own : foreign;
  try {
    const { stdout } = await run(command, ["--version"]);
    return { command, version: stdout.split("\n")[0] ?? "" };
  } catch (error) {
    throw new BuildError(
      "tool-missing",
      `Cannot compile for ${arch}: there is no "${command}", install the Debian package "${isOwn ? own : foreignPackage}"`,
      error,
    );
  }
}
