import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Metafile } from "esbuild";
import { manifest } from "../../layer/manifest.ts";
import type { ArchiveEntry } from "../platform/archive.ts";
import { packageRoot } from "../platform/package-root.ts";
import type { Engine } from "./engine.ts";

/** The licences of all that a layer carries: this package, the engine if there is one, and every bundled package. */
export async function licenceEntries(
  metafiles: readonly Metafile[],
  engine: Engine | undefined,
): Promise<readonly ArchiveEntry[]> {
  const texts = [{ name: "bootlace", text: await licenceOf(packageRoot()) }];
  if (engine) texts.push({ name: "node", text: `Node.js ${engine.version}\n\n${engine.licence}` });
  for (const folder of bundledPackages(metafiles))
    texts.push({ name: nameOf(folder), text: await licenceOf(join(packageRoot(), folder)) });
  // A package may be there in two versions, and this one a second time where somebody installed it.
  const byName = Map.groupBy(texts, ({ name }) => name);
  return [...byName].map(([name, found]) => ({
    type: "file",
    path: posix.join(manifest.places.licences, `${name}.txt`),
    mode: 0o644,
    content: Buffer.from([...new Set(found.map(({ text }) => text))].join("\n")),
  }));
}

/** The folders of the packages of which something was bundled, relative to the root. */
export function bundledPackages(metafiles: readonly Metafile[]): readonly string[] {
  return [...new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs)).flatMap(packageFolder))];
}

/** The folder of the package that a bundled file is from, relative to the root; none for our own files. */
function packageFolder(input: string): readonly string[] {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
  return found === undefined ? [] : [found];
}

function nameOf(folder: string): string {
  const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  return name.replace("/", "__");
}

/** The licence and notice files of a package; where it ships none, what its package.json says, and that it is all. */
export async function licenceOf(folder: string): Promise<string> {
  const { name, version, license }: Readonly<Record<string, string>> = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const none = [`Licence: ${license}. The package carries no licence text.\n`];
  return [`${name} ${version}\n`, ...(texts.length > 0 ? texts : none)].join("\n");
}
