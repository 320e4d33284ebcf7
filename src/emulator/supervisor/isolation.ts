/** What this machine offers for keeping an environment apart, found by trying, once for the life of this process. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxUser } from "../../protocol/limits.ts";

/** Where the system's own tools are found, whatever PATH the function's variables have. */
export const ownPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Folders of this machine that the environment's processes see under Lambda's paths. */
export interface Folders {
  readonly task: string;
  readonly opt: string;
  readonly tmp: string;
  /** Of an unpacked container image, where that is the root. */
  readonly root?: string | undefined;
}

/** Whether processes get namespaces of their own: as root, inside a user namespace of an ordinary user, or not at all. */
export type Isolation =
  | { readonly kind: "mounts"; readonly as: "root" | "user" }
  | { readonly kind: "none"; readonly reason: string };

/** Of util-linux, but for the last one. */
const tools = ["unshare", "nsenter", "mount", "setsid", "setpriv", "env"];

let known: Isolation | undefined;

export function isolationOfThisMachine(): Isolation {
  known ??= tryIsolation();
  return known;
}

/** Where a tool is installed; undefined where it is not. */
export function toolAt(name: string): string | undefined {
  return ownPath
    .split(":")
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function tryIsolation(): Isolation {
  if (process.platform !== "linux") return { kind: "none", reason: `${process.platform} has no namespaces` };
  const missing = tools.find((tool) => toolAt(tool) === undefined);
  if (missing !== undefined) return { kind: "none", reason: `"${missing}" is not installed` };
  const folder = mkdtempSync(join(tmpdir(), "bootlace-try-"));
  try {
    const asRoot = process.getuid?.() === 0 ? problemOf("root", folder) : "this is an ordinary user";
    if (asRoot === undefined) return { kind: "mounts", as: "root" };
    const asUser = problemOf("user", folder);
    return asUser === undefined ? { kind: "mounts", as: "user" } : { kind: "none", reason: asUser };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything that a cell does with namespaces, in small: docs/ISOLATION.md says what for. */
function problemOf(as: "root" | "user", folder: string): string | undefined {
  const { uid, gid } = sandboxUser;
  const user = as === "user" ? ["--user", "--map-root-user"] : [];
  const dropped =
    as === "user" ? ["--user", `--map-user=${uid}`, `--map-group=${gid}`] : [`--setuid=${uid}`, `--setgid=${gid}`];
  const enter = `unshare ${dropped.join(" ")} --root=/ --wd=/ true`;
  const script = `mount --bind "$1" "$1" && mount -t proc proc "$1" && ${enter}`;
  const namespaces = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--propagation", "private"];
  const args = [...user, ...namespaces, "sh", "-c", script, "bootlace", folder];
  const tried = spawnSync("unshare", args, { encoding: "utf8", env: { PATH: ownPath } });
  if (tried.status === 0) return undefined;
  const said = tried.error?.message ?? tried.stderr.trim().split("\n")[0] ?? "";
  return said === "" ? "this machine does not allow namespaces" : said;
}
