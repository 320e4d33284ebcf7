import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { dependencyFile, packageRoot } from "../platform/package-root.ts";
import { BuildError } from "./build-error.ts";
import { buildPuppets } from "./build-puppets.ts";
import { publishedManifest } from "./published-manifest.ts";

/** The oldest Node that the package was tried on. */
export const oldestNode = "22.19";

/** What is compiled, in the folders it lies in: doors and files that find each other by path keep working. */
const sources = ["src/**/*.ts", "layer/*.ts", "extensions/*/*.ts"];

/** What is published as it is; some may be absent. The launchers of a checkout are not: the package has its own. */
const copies = [
  "LICENSE",
  "NOTICE",
  "CHANGELOG.md",
  "SECURITY.md",
  "docs/**/*.{md,json}",
  "layer/*.{txt,sh}",
  "layer/native/*.{c,h}",
  "layer/engines/*/*",
  "layer/packagers/*/*.json",
  "examples/hello/*",
  "src/**/*.{html,css,svg,json}",
  "src/conformance/fixtures/**/*.{mjs,cjs}",
];

/** What a registry shows of the package, where no link leads to another file. */
const readme = "docs/npm-package.md";

const launcher = "bootlace.js";
const commandFile = "src/cli/main";

/**
 * Writes the npm package, ready for `npm pack`, and says in sentences what it holds. It carries no engine, and no types
 * where nobody will read them.
 */
export async function buildPackage(outDir: string, types: "typed" | "untyped" = "typed"): Promise<readonly string[]> {
  const root = packageRoot();
  await rm(outDir, { recursive: true, force: true });
  const compiled = await compile(root, outDir);
  const typed = types === "typed" ? await declare(root, outDir) : 0;
  const copied = globSync([...copies], { cwd: root })
    .filter((file) => file !== readme)
    .sort();
  for (const file of copied) await copy(join(root, file), join(outDir, file));
  await copy(join(root, readme), join(outDir, "README.md"));
  for (const file of copied.filter((name) => name.endsWith(".md"))) await leaveDeadLinks(join(outDir, file));
  const puppets = await buildPuppets(join(outDir, "src/conformance/fixtures/puppet"));
  const hasCommand = existsSync(join(outDir, `${commandFile}.js`));
  if (hasCommand) await writeLauncher(join(outDir, launcher));
  const source = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const { manifest, absent } = publishedManifest(source, {
    node: oldestNode,
    bin: hasCommand ? launcher : undefined,
    has: (file) => existsSync(join(outDir, file)),
  });
  await writeFile(join(outDir, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return [
    `Wrote ${outDir}: ${compiled} modules, ${typed} with types, ${Object.keys(manifest.exports).length - 1} doors`,
    ...puppets,
    ...absent.map((door) => `Left out the door "${door}": it has no file yet`),
    ...(hasCommand ? [] : [`Left out the command: there is no ${commandFile}.ts yet`]),
    ...(copied.includes("LICENSE") ? [] : ["Left out the LICENSE: there is no such file yet"]),
  ];
}

async function compile(root: string, outDir: string): Promise<number> {
  const entryPoints = globSync(sources, { cwd: root }).sort();
  await build({
    entryPoints,
    absWorkingDir: root,
    outdir: outDir,
    outbase: root,
    bundle: true,
    packages: "external",
    plugins: [oneToOne],
    platform: "node",
    format: "esm",
    target: `node${oldestNode}`,
    charset: "utf8",
    logLevel: "silent",
  }).catch((error) => {
    throw new BuildError("bad-source", `Cannot compile the package: ${error.message.split("\n")[1] ?? error}`, error);
  });
  return entryPoints.length;
}

/** Keeps one output per source: imports stay imports and only change their suffix. */
const oneToOne: Plugin = {
  name: "one-to-one",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path: compiledName(path), external: true },
    );
  },
};

/** Type declarations by `tsc`, since TypeScript 7 has no other interface. */
async function declare(root: string, outDir: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "bootlace-types-"));
  try {
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(declarationConfig(root, outDir)));
    const tsc = join(dirname(dependencyFile("typescript/package.json")), "bin", "tsc");
    await promisify(execFile)(process.execPath, [tsc, "-p", folder]).catch((error) => {
      const first = String(error.stdout || error.message).split("\n")[0];
      throw new BuildError("bad-source", `Cannot declare the types of the package: ${first}`, error);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const files = globSync("**/*.d.ts", { cwd: outDir });
  for (const file of files) await rewriteImports(join(outDir, file));
  return files.length;
}

function declarationConfig(root: string, outDir: string) {
  return {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir,
      rootDir: root,
      typeRoots: [join(root, "node_modules/@types")],
    },
    include: ["src", "layer", "extensions"].map((folder) => join(root, folder)),
    exclude: [],
  };
}

/** `tsc` rewrites import suffixes in JavaScript but not in declarations. */
async function rewriteImports(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const rewritten = text.replace(/(\bfrom |\bimport\(|\bimport )"(\.\.?\/[^"]+\.ts)"/g, (_, word, path) => {
    return `${word}"${compiledName(path)}"`;
  });
  await writeFile(file, rewritten);
}

function compiledName(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

async function writeLauncher(file: string): Promise<void> {
  const [major, minor] = oldestNode.split(".");
  const source = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);
if (major > ${major} || (major === ${major} && minor >= ${minor})) await import("./${commandFile}.js");
else {
  console.error("bootlace: Node " + process.version + " is too old: install ${oldestNode} or newer.");
  process.exitCode = 2;
}
`;
  await writeFile(file, source);
  await chmod(file, 0o755);
}

/** Leaves the words of a link that leads out of the package. */
async function leaveDeadLinks(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const leads = (target: string) =>
    /^(https?:|#)/.test(target) || existsSync(join(dirname(file), target.replace(/#.*/, "")));
  const kept = text.replace(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, words, target) => (leads(target) ? link : words));
  if (kept !== text) await writeFile(file, kept);
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}
