/** The command as a single executable, for those who have no Node either. */
import { createHash } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { patchBetween, patched } from "../platform/byte-patch.ts";
import { type PackedFile, packFiles } from "../platform/file-pack.ts";
import { packageRoot, sourceFile } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { bundle } from "./bundle.ts";
import { type Architecture, type Engine, hostArchitecture } from "./engine.ts";
import { writeExecutable } from "./executable.ts";
import { fetchEngine } from "./fetch-package.ts";
import { strippedEngine } from "./stripped-engine.ts";

/** What the executable unpacks, and the names of the folders that it unpacks to. */
interface Parts {
  readonly engine: Engine;
  readonly stripped: Buffer;
  readonly command: Buffer;
  readonly folders: Readonly<Record<"engineFolder" | "commandFolder", string>>;
}

/** Writes `bootlace-ARCH`: a Node with a program inside, and behind it the command as one file. */
export async function writeExecutableCommand(outDir: string, arch: Architecture, command: Buffer): Promise<string> {
  const engine = await fetchEngine("node24", arch);
  const stripped = await strippedEngine(engine);
  const folders = {
    engineFolder: `node-${engine.version}-${hashOf(stripped)}`,
    commandFolder: `command-${hashOf(command)}`,
  };
  const executable = await started({ engine, stripped, command, folders });
  const tail = packFiles(travelling({ engine, stripped, command, folders }, executable));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(tail.length));
  const file = join(outDir, `bootlace-${arch}`);
  await writeFile(file, Buffer.concat([executable, tail, length]));
  await chmod(file, 0o755);
  return file;
}

async function started({ engine, folders }: Parts): Promise<Buffer> {
  const host = await fetchEngine("node24", hostArchitecture);
  const define = Object.fromEntries(Object.entries(folders).map(([name, value]) => [name, JSON.stringify(value)]));
  const { code } = await bundle({
    entry: sourceFile("src/cli/single-file/executable"),
    root: packageRoot(),
    outFile: join(packageRoot(), "executable.cjs"),
    format: "cjs",
    sourceMap: "none",
    minify: true,
    more: { define },
  });
  const scratch = temporaryFolder("bootlace-executable-");
  try {
    const file = join(scratch.path, "bootlace");
    await writeExecutable(file, { engine, program: code, generator: host.node, packager: "node" });
    return await readFile(file);
  } finally {
    scratch.remove();
  }
}

/**
 * The engine travels as what differs between it and the executable, which is itself with a program inside: two engines
 * would be twice the size.
 */
function travelling({ engine, stripped, command, folders }: Parts, executable: Buffer): readonly PackedFile[] {
  const patch = patchBetween(executable, stripped);
  if (!patched(executable, patch).equals(stripped)) throw new Error("the patch gives the engine back");
  const { version } = engine;
  const name = manifest.architectures[engine.arch].package;
  return [
    file("engine-folder", Buffer.from(folders.engineFolder)),
    file("engine.patch", patch),
    file("package.json", Buffer.from(`${JSON.stringify({ name, version })}\n`)),
    file("LICENSE", Buffer.from(engine.licence)),
    file("bootlace.mjs", command),
  ];
}

function file(path: string, content: Buffer): PackedFile {
  return { path, mode: 0o644, content };
}

function hashOf(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}
