/** What one environment is confined to, and how far this machine can do it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { limits, sandboxUser } from "../../protocol/limits.ts";
import { Cell } from "./cell.ts";
import { controllersOfThisMachine, Group } from "./cgroup.ts";
import type { Confines } from "./command-line.ts";
import { type Folders, type Isolation, ownPath } from "./isolation.ts";
import { natNameServer } from "./network.ts";
import { layOutRoot, type RootKind, type TmpKind } from "./root-folder.ts";

export interface Confinement {
  readonly isolation: Isolation;
  readonly folders: Folders;
  readonly root: RootKind;
  readonly network: NetworkMode;
  readonly memoryMb: number;
  readonly tmpMb: number;
  /** The machine's processors outside Init: all of them, or the share that the memory buys. */
  readonly processors: "all" | "share";
}

/** This machine's network; one with nothing in it but the environment's API; or that and a way out. */
export type NetworkMode = "host" | "none" | "nat";

/** How `/tmp` can be kept here. Files in memory would count as the function's own memory where that is limited. */
export function tmpKindOf({ isolation }: Pick<Confinement, "isolation">): TmpKind {
  if (isolation.kind === "none") return "folder";
  if (isolation.as === "user" || !controllersOfThisMachine().has("memory")) return "memory";
  return loopDevices() ? "image" : "folder";
}

/** Makes the namespaces, for processes that are in `group`; they are being made while this returns. */
export function cellOf(confinement: Confinement, group: Group | undefined): Cell | undefined {
  const { isolation, folders, root, tmpMb, network } = confinement;
  if (isolation.kind === "none") return undefined;
  const folder = join(dirname(folders.tmp), `${folders.tmp.slice(dirname(folders.tmp).length + 1)}.cell`);
  const kind = tmpKindOf(confinement);
  const tmp = { kind, image: join(folder, "tmp.img"), megabytes: tmpMb };
  const owner = root.kind === "machine" ? { uid: 0, gid: 0 } : { uid: sandboxUser.uid, gid: sandboxUser.gid };
  return new Cell({
    as: isolation.as,
    root: layOutRoot(folder, {
      folders,
      root,
      tmp,
      as: isolation.as,
      ...(network === "nat" ? { nameServer: natNameServer } : {}),
    }),
    network,
    ...(group?.thawing === undefined ? {} : { thawing: group.thawing }),
    ...(kind === "image" ? { image: { path: tmp.image, megabytes: tmpMb, ...owner } } : {}),
  });
}

/** A control group in which the environment's processes are, or undefined where none is to be had or wanted. */
export function groupOf({ isolation, memoryMb, root }: Confinement, name: string): Group | undefined {
  if (isolation.kind === "none" || isolation.as === "user" || controllersOfThisMachine().size === 0) return undefined;
  // Tools that judge programs want this machine as it is.
  if (root.kind === "machine") return undefined;
  return Group.create(name, {
    memoryBytes: memoryMb * 1024 * 1024,
    tasksMax: limits.tasksMax,
  });
}

export function processorsOf(memoryMb: number): number {
  return memoryMb / limits.memoryMbPerProcessor;
}

export function confinesOf(
  { isolation, root }: Confinement,
  group: Group | undefined,
): Omit<Confines, "entrance" | "root"> {
  const mapped = isolation.kind === "mounts" && isolation.as === "user";
  return {
    user: mapped ? "mapped" : root.kind === "machine" ? "own" : "assumed",
    rootHasTools: root.kind !== "image",
    doors: group?.doors ?? [],
    countTasks: mapped,
  };
}

let loops: boolean | undefined;

function loopDevices(): boolean {
  loops ??=
    existsSync("/dev/loop-control") && spawnSync("losetup", ["--find"], { env: { PATH: ownPath } }).status === 0;
  return loops;
}
