/** How a process of the environment gets its `/var/task`, `/opt` and `/tmp`: a mount namespace of its own, or not at all. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders of this machine that the environment's processes see under Lambda's paths. */
export interface Folders {
  readonly task: string;
  readonly opt: string;
  readonly tmp: string;
}

/** What this machine allows, found by trying. */
export type Isolation =
  | { readonly kind: "mounts"; readonly as: "root" | "user" }
  | { readonly kind: "none"; readonly reason: string };

/**
 * Each process gets a namespace of its own, so that nothing has to be unmounted. The folders are opened first because
 * they may lie under the paths that are about to be covered.
 */
const mountScript = `
exec 3<"$1" 4<"$2" 5<"$3"
mount -t tmpfs tmpfs /var && mkdir /var/task /var/runtime /var/tmp &&
mount --no-canonicalize --bind /proc/self/fd/3 /var/task && mount -o remount,bind,ro /var/task &&
mount --no-canonicalize --bind /proc/self/fd/4 /opt && mount -o remount,bind,ro /opt &&
mount --no-canonicalize --bind /proc/self/fd/5 /tmp || exit 125
exec 3<&- 4<&- 5<&-
cd /var/task
shift 3
exec "$@"`;

let known: Isolation | undefined;

/** Tried once for the life of this process. */
export function isolationOfThisMachine(): Isolation {
  known ??= tryIsolation();
  return known;
}

/** The command line that runs `program` inside `folders`. */
export function isolated(isolation: Isolation, folders: Folders, program: readonly string[]): readonly string[] {
  if (isolation.kind === "none") return program;
  const user = isolation.as === "user" ? ["--map-root-user"] : [];
  const unshare = ["unshare", ...user, "--mount", "--propagation", "private"];
  const { task, opt, tmp } = folders;
  return [...unshare, "sh", "-c", mountScript, "bootlace", task, opt, tmp, ...program];
}

function tryIsolation(): Isolation {
  if (process.platform !== "linux") return { kind: "none", reason: `${process.platform} has no mount namespaces` };
  const folder = mkdtempSync(join(tmpdir(), "bootlace-try-"));
  const folders = { task: folder, opt: folder, tmp: folder };
  try {
    const failures = (["root", "user"] as const).map((as) => {
      if (as === "root" && process.getuid?.() !== 0) return "";
      const [command = "", ...args] = isolated({ kind: "mounts", as }, folders, ["true"]);
      const tried = spawnSync(command, args, { encoding: "utf8" });
      return tried.status === 0 ? undefined : (tried.error?.message ?? tried.stderr.trim().split("\n")[0] ?? "");
    });
    if (failures[0] === undefined) return { kind: "mounts", as: "root" };
    if (failures[1] === undefined) return { kind: "mounts", as: "user" };
    return { kind: "none", reason: failures[1] || "this machine does not allow private mounts" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Kills the environment's processes when ours dies without a word, where util-linux's `setpriv` is installed. */
export function tiedToParent(program: readonly string[]): readonly string[] {
  const setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));
  return setpriv === undefined ? program : [setpriv, "--pdeathsig", "KILL", ...program];
}
