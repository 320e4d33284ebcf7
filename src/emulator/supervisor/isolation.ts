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

/** Where the programs below are found, whatever PATH the function's own variables have. */
const ownPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Each process gets a namespace of its own, so that nothing has to be unmounted. The folders are opened first because
 * they may lie under the paths that are about to be covered.
 */
const mounts = `
exec 3<"$1" 4<"$2" 5<"$3"
mount -t tmpfs tmpfs /var && mkdir /var/task /var/runtime /var/tmp &&
mount --no-canonicalize --bind /proc/self/fd/3 /var/task && mount -o remount,bind,ro /var/task &&
mount --no-canonicalize --bind /proc/self/fd/4 /opt && mount -o remount,bind,ro /opt &&
mount --no-canonicalize --bind /proc/self/fd/5 /tmp || exit 125
exec 3<&- 4<&- 5<&-
cd /var/task
`;

/**
 * The program's variables arrive under neutral names, so that its PATH, LD_PRELOAD and the like mean nothing to the
 * programs before it, and nothing that a shell adds reaches it.
 */
const enter = String.raw`
shift 3
while [ "$BOOTLACE_COUNT" -gt 0 ]; do
  BOOTLACE_COUNT=$((BOOTLACE_COUNT - 1))
  eval "set -- \"\$BOOTLACE_$BOOTLACE_COUNT\" \"\$@\""
done
exec env -i "$@"`;

/** A command to be spawned. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

let known: Isolation | undefined;

/** Tried once for the life of this process. */
export function isolationOfThisMachine(): Isolation {
  known ??= tryIsolation();
  return known;
}

/** The command line that runs `program` inside `folders`, with `variables` and no others. */
export function isolated(
  isolation: Isolation,
  folders: Folders,
  program: string,
  variables: Readonly<Record<string, string>>,
): CommandLine {
  const pairs = Object.entries(variables).map(([name, value], index) => [`BOOTLACE_${index}`, `${name}=${value}`]);
  const env = { ...Object.fromEntries(pairs), BOOTLACE_COUNT: String(pairs.length), PATH: ownPath };
  const mounted = isolation.kind === "mounts";
  const user = mounted && isolation.as === "user" ? ["--map-root-user"] : [];
  const namespace = mounted ? ["unshare", ...user, "--mount", "--propagation", "private"] : [];
  const { task, opt, tmp } = folders;
  const script = ["sh", "-c", `${mounted ? mounts : ""}${enter}`, "bootlace", task, opt, tmp, program];
  const [command = "", ...args] = [...tiedToParent, ...namespace, ...script];
  return { command, args, env };
}

/** Kills the environment's processes when ours dies without a word, where util-linux's `setpriv` is installed. */
const tiedToParent = ["/usr/bin/setpriv", "/bin/setpriv"]
  .filter((path) => existsSync(path))
  .slice(0, 1)
  .flatMap((setpriv) => [setpriv, "--pdeathsig", "KILL"]);

function tryIsolation(): Isolation {
  if (process.platform !== "linux") return { kind: "none", reason: `${process.platform} has no mount namespaces` };
  const folder = mkdtempSync(join(tmpdir(), "bootlace-try-"));
  const folders = { task: folder, opt: folder, tmp: folder };
  try {
    const failures = (["root", "user"] as const).map((as) => {
      if (as === "root" && process.getuid?.() !== 0) return "";
      const { command, args, env } = isolated({ kind: "mounts", as }, folders, "true", { PATH: ownPath });
      const tried = spawnSync(command, args, { encoding: "utf8", env });
      return tried.status === 0 ? undefined : (tried.error?.message ?? tried.stderr.trim().split("\n")[0] ?? "");
    });
    if (failures[0] === undefined) return { kind: "mounts", as: "root" };
    if (failures[1] === undefined) return { kind: "mounts", as: "user" };
    return { kind: "none", reason: failures[1] || "this machine does not allow private mounts" };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
