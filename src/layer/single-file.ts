/** The command as one file, for those who have Node and no npm. */
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type PackedFile, packFiles } from "../platform/file-pack.ts";
import { dependencyFile, packageRoot, sourceFile } from "../platform/package-root.ts";
import { temporaryFolder } from "../platform/temporary-folder.ts";
import { BuildError } from "./build-error.ts";
import { oldestNode } from "./build-package.ts";
import { bundle } from "./bundle.ts";
import { licenceOf } from "./licences.ts";
import { packageTree } from "./package-tree.ts";
import { runTool } from "./run-tool.ts";

/** The file, and what else has to travel with it where it is passed on. */
export interface SingleFile {
  readonly code: Buffer;
  readonly licences: string;
}

/** Stands in the program for the hash of what comes behind it, which holds the licences that its bundler finds. */
const placeholder = "@THE HASH OF THE PACKAGE@";

/** Makes the file: our sources by esbuild, packages and their licences by ncc, and at the end the package itself. */
export async function singleFile(): Promise<SingleFile> {
  const scratch = temporaryFolder("bootlace-single-file-");
  try {
    const tree = await packageTree(join(scratch.path, "package"));
    await unpack(tree, scratch.path);
    const { program, licences: bundled } = await compiled(scratch.path);
    const licences = await withLicencesOfTree(bundled, tree, scratch.path);
    // Not a name by which licences of this package itself are looked for.
    // Not a name by which the licence of this package itself is found.
    const path = "node_modules/bootlace/third-party.txt";
    const packed = packFiles([...tree, { path, mode: 0o644, content: Buffer.from(licences) }]);
    const hash = createHash("sha256").update(packed).digest("hex").slice(0, 32);
    const code = `${start}${program.replace(placeholder, hash)}\n//${packed.toString("base64")}\n`;
    return { code: Buffer.from(code), licences };
  } finally {
    scratch.remove();
  }
}

/** Writes the file and its licences into `outDir`. */
export async function writeSingleFile(outDir: string, { code, licences }: SingleFile): Promise<string> {
  await mkdir(outDir, { recursive: true });
  const file = join(outDir, "bootlace.mjs");
  await writeFile(file, code);
  await chmod(file, 0o755);
  await writeFile(join(outDir, "bootlace.licenses.txt"), licences);
  return file;
}

const [major, minor] = oldestNode.split(".");

const start = `#!/usr/bin/env node
{
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < ${major} || (major === ${major} && minor < ${minor})) {
    console.error("bootlace: Node " + process.version + " is too old: install ${oldestNode} or newer.");
    process.exit(2);
  }
}
`;

/** Beside the packages, so that what is bundled is what travels along. */
async function compiled(folder: string): Promise<{ readonly program: string; readonly licences: string }> {
  const { code } = await bundle({
    entry: sourceFile("src/cli/single-file/main"),
    root: packageRoot(),
    outFile: join(packageRoot(), "bootlace.mjs"),
    format: "esm",
    sourceMap: "none",
    more: {
      packages: "external",
      banner: {},
      define: { packageHash: JSON.stringify(placeholder), "import.meta.dirname": '"/"' },
    },
  });
  // Inside, it asks for modules as if it lay where it was bundled, and these are not there.
  await writeFile(join(folder, "bootlace.mjs"), code);
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  const ncc = packageBundler();
  const options = ["--out", "out", "--license", "licences.txt", "--target", "es2022", "--no-cache", "--quiet"];
  await runTool(process.execPath, [ncc, "build", "bootlace.mjs", ...options], { cwd: folder });
  return {
    program: await readFile(join(folder, "out/index.mjs"), "utf8"),
    licences: await readFile(join(folder, "out/licences.txt"), "utf8"),
  };
}

function packageBundler(): string {
  try {
    return dependencyFile("@vercel/ncc/dist/ncc/cli.js");
  } catch (error) {
    throw new BuildError("tool-missing", 'Cannot bundle packages: there is no "@vercel/ncc", run "npm ci"', error);
  }
}

/** Packages that travel as they are, and are no part of the program, are not ncc's to know. */
async function withLicencesOfTree(bundled: string, tree: readonly PackedFile[], folder: string): Promise<string> {
  const packages = tree
    .map(({ path }) => path)
    .filter((path) => /^node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path));
  const texts = await Promise.all(packages.toSorted().map((path) => licenceOf(join(folder, dirname(path)))));
  return ["Part of the program:\n", bundled, "Travelling with it, or part of what it builds:\n", ...texts].join("\n");
}

async function unpack(tree: readonly PackedFile[], folder: string): Promise<void> {
  for (const { path, mode, content } of tree) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { mode });
  }
}
