import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import type { Metafile } from "esbuild";
import { manifest } from "../../layer/manifest.ts";
import type { ArchiveEntry } from "../platform/archive.ts";
import { packageRoot } from "../platform/package-root.ts";
import type { Engine } from "./engine.ts";
import { bundledPackages } from "./licences.ts";

/** What a layer was made of. */
export interface Materials {
  readonly entries: readonly ArchiveEntry[];
  readonly metafiles: readonly Metafile[];
  readonly engine?: Engine;
  /** The same Node, such as runs here: it says what was built into it. */
  readonly generator?: string;
}

interface Component {
  readonly type: "library" | "platform" | "file";
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: "SHA-256"; readonly content: string }[];
  readonly licenses?: readonly { readonly expression: string }[];
  readonly components?: readonly Component[];
}

/** Numbers of interfaces, and Node itself, among what Node says of its parts. */
const noParts = ["node", "modules", "napi"];

/**
 * The bill of materials of a layer, as CycloneDX 1.6 in JSON: the engine with what is built into it, our own program
 * with the packages in it, and each file. It has no date and no number, so that it is the same for the same layer.
 * https://cyclonedx.org/docs/1.6/json/
 */
export async function billOfMaterials(
  layer: { readonly file: string; readonly sha256: string },
  materials: Materials,
): Promise<string> {
  const own = await describe(packageRoot());
  const { engine } = materials;
  const bundled = await Promise.all(
    bundledPackages(materials.metafiles).map((folder) => describe(join(packageRoot(), folder))),
  );
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: { type: "file", name: basename(layer.file), version: own.version, hashes: hashed(layer.sha256) },
    },
    components: [
      ...(engine ? [await engineComponent(engine, materials.generator ?? process.execPath)] : []),
      { ...own, components: bundled },
      ...materials.entries.flatMap(fileComponent),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

async function engineComponent(engine: Engine, generator: string): Promise<Component> {
  const name = manifest.architectures[engine.arch].package;
  const { stdout } = await promisify(execFile)(generator, ["-p", "JSON.stringify(process.versions)"]);
  const parts: Readonly<Record<string, string>> = JSON.parse(stdout);
  const sha256 = createHash("sha256")
    .update(await readFile(engine.node))
    .digest("hex");
  return {
    type: "platform",
    name: "node",
    version: engine.version,
    purl: `pkg:npm/${name}@${engine.version}`,
    hashes: hashed(sha256),
    licenses: [{ expression: "MIT" }],
    components: Object.entries(parts)
      .filter(([part]) => !noParts.includes(part))
      .map(([part, version]) => ({ type: "library", name: part, version })),
  };
}

function fileComponent(entry: ArchiveEntry): readonly Component[] {
  if (entry.type !== "file") return [];
  return [{ type: "file", name: entry.path, hashes: hashed(createHash("sha256").update(entry.content).digest("hex")) }];
}

async function describe(folder: string): Promise<Component> {
  const { name, version, license }: Readonly<Record<string, string>> = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  return {
    type: "library",
    name: name ?? basename(folder),
    ...(version && { version }),
    purl: `pkg:npm/${name?.replace("@", "%40")}@${version}`,
    ...(license && { licenses: [{ expression: license }] }),
  };
}

function hashed(content: string): NonNullable<Component["hashes"]> {
  return [{ alg: "SHA-256", content }];
}
