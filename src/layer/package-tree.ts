import { globSync, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackedFile } from "../platform/file-pack.ts";
import { packageRoot } from "../platform/package-root.ts";
import { buildPackage } from "./build-package.ts";
import { architectures } from "./engine.ts";
import { fetchPackages } from "./fetch-package.ts";

/** Packages that are loaded or bundled by their path, and what they need. */
interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

/** Files of packages that nothing reads which runs. */
const unread = /\.(d\.[cm]?ts|[cm]?ts|map|flow)$|(^|\/)(readme|changelog|history)[^/]*$/i;

/** esbuild's own copy of its program, which lies in a package for each platform as well. */
const copies = ["node_modules/esbuild/bin/esbuild"];

/** A folder of this machine, and where its files go. */
interface Place {
  readonly from: string;
  readonly to: string;
}

/**
 * What an installation of this package would put into `node_modules`, without types, and with the bundler's program for
 * each of Lambda's architectures. `scratch` is a folder for the package as it is built.
 */
export async function packageTree(scratch: string): Promise<readonly PackedFile[]> {
  await buildPackage(scratch, "untyped");
  const own = await filesOf({ from: scratch, to: "node_modules/bootlace" });
  const places = [...(await dependencies()), ...(await bundlers())];
  const others = (await Promise.all(places.map(filesOf))).flat();
  return [...own, ...others.filter(({ path }) => !unread.test(path) && !copies.includes(path))];
}

/** What the lock says that the package needs where it is installed. */
async function dependencies(): Promise<readonly Place[]> {
  const lock: Lock = JSON.parse(await readFile(join(packageRoot(), "package-lock.json"), "utf8"));
  const needed = Object.entries(lock.packages).filter(
    ([path, { dev, optional, devOptional }]) => path !== "" && !(dev || optional || devOptional),
  );
  return needed.map(([path]) => ({ from: join(packageRoot(), path), to: path }));
}

async function bundlers(): Promise<readonly Place[]> {
  const fetched = architectures.map(async (arch) => {
    const modules = await fetchPackages("bundler", arch);
    const names = await readdir(join(modules, "@esbuild"));
    return names.map((name) => ({ from: join(modules, "@esbuild", name), to: `node_modules/@esbuild/${name}` }));
  });
  return (await Promise.all(fetched)).flat();
}

async function filesOf({ from, to }: Place): Promise<readonly PackedFile[]> {
  const paths = globSync("**/*", { cwd: from, exclude: ["**/node_modules/**"] });
  const files = paths.filter((path) => statSync(join(from, path)).isFile());
  return Promise.all(
    files.map(async (path) => ({
      path: `${to}/${path}`,
      // Whoever builds may have another umask.
      mode: statSync(join(from, path)).mode & 0o100 ? 0o755 : 0o644,
      content: await readFile(join(from, path)),
    })),
  );
}
