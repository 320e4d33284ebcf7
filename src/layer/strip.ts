import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { manifest } from "../../layer/manifest.ts";
import { BuildError } from "./build-error.ts";
import type { Architecture } from "./engine.ts";

/** Whether a build without `strip` fails, or ships an engine that is 18 MB larger. */
export type Strip = "required" | "if-available";

/** A `strip` that knows the architecture; its version decides the bytes. */
export interface StripTool {
  readonly command: string;
  readonly version: string;
}

const run = promisify(execFile);

/** The `strip` for an architecture, undefined where there is none and none is required. */
export async function stripTool(arch: Architecture, strip: Strip): Promise<StripTool | undefined> {
  const command = ofHost(manifest.engines[arch].strip);
  try {
    const { stdout } = await run(command, ["--version"]);
    return { command, version: stdout.split("\n")[0] ?? "" };
  } catch (error) {
    if (strip === "if-available") return undefined;
    const debian = ofHost(manifest.engines[arch].stripPackage);
    throw new BuildError(
      "tool-missing",
      `Cannot strip the engine for ${arch}: there is no "${command}", install the Debian package "${debian}"`,
      error,
    );
  }
}

function ofHost(names: { readonly other: string } & Readonly<Record<string, string>>): string {
  return (process.platform === "linux" ? names[process.arch] : undefined) ?? names.other;
}
