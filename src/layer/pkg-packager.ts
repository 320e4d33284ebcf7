import { copyFile, link, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { type Architecture, hostArchitecture } from "./engine.ts";
import type { Ingredients } from "./executable.ts";
import { fetchPackages } from "./fetch-package.ts";
import { runTool } from "./run-tool.ts";

/**
 * `pkg`, in its mode for single executables: the other one needs a Node that its makers have patched, which only their
 * release page has. It would download Node too, unless it finds it where it keeps its downloads: there the engine is
 * laid. The executable holds the path at which its program was, so it is not the same bytes twice.
 */
export async function packWithPkg({ folder, engine, main, generator, version, arch }: Ingredients): Promise<string> {
  const modules = await fetchPackages(join("packagers", "pkg"), hostArchitecture);
  const target = (one: Architecture) => `linux-${manifest.architectures[one].cpu}`;
  await layDown(join(folder, engine), `node-v${version}-${target(arch)}`);
  if (arch !== hostArchitecture) await layDown(generator, `node-v${version}-${target(hostArchitecture)}`);
  const args = ["--sea", "--targets", `node${version}-${target(arch)}`, "--output", "packed", main];
  const program = join(modules, "pkg", "lib-es5", "bin.js");
  await runTool(process.execPath, [program, ...args], { cwd: folder, env: { HOME: folder } });
  return "packed";

  /** As a download that was checked and unpacked: each step leaves an empty file that says so. */
  async function layDown(node: string, name: string): Promise<void> {
    const downloads = join(folder, ".pkg-cache", "sea");
    const unpacked = join(downloads, name, "bin");
    await mkdir(unpacked, { recursive: true });
    await link(node, join(unpacked, "node")).catch(() => copyFile(node, join(unpacked, "node")));
    const said = [`${name}.tar.gz`, `${name}.tar.gz.ok`, join(name, "bin", "node.ok")];
    for (const file of said) await writeFile(join(downloads, file), "");
  }
}
