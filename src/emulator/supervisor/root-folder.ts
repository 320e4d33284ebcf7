/** The root file system that an environment's processes see, as a table of mounts. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { sandboxUser } from "../../protocol/limits.ts";
import { sandboxHostNames } from "../../protocol/telemetry.ts";
import type { Folders } from "./isolation.ts";

/** What `/` is made of. */
export type RootKind =
  /** This machine's programs and settings, and nothing else of it. */
  | { readonly kind: "system" }
  /** Everything of this machine that Lambda's own paths do not cover, for its own user: tools that judge programs in place. */
  | { readonly kind: "machine" }
  /** An unpacked container image. */
  | { readonly kind: "image"; readonly folder: string };

export interface RootFolder {
  /** Where it is mounted, in a mount namespace that nobody else sees. */
  readonly path: string;
  /** For `mount --all --fstab`. */
  readonly fstab: string;
}

/** How `/tmp` is kept. An image file is made, mounted and forgotten by the cell. */
export type TmpKind = "image" | "memory" | "folder";

export interface RootFacts {
  readonly folders: Folders;
  readonly root: RootKind;
  readonly tmp: { readonly kind: TmpKind; readonly image: string; readonly megabytes: number };
  readonly as: "root" | "user";
  /** In place of this machine's own. */
  readonly nameServer?: string;
}

/**
 * A temporary folder is closed to others, and so to Lambda's user, whose own `/var/task` and `/opt` are open: an open
 * folder is laid over it. What lies inside keeps its modes, as in Lambda.
 */
function codeLines(source: string, target: string, folder: string, { as, root }: RootFacts): readonly Line[] {
  const closed = (statSync(source).mode & 0o005) !== 0o005;
  if (as === "user" || root.kind === "machine" || !closed) return [[source, target, "rbind,ro"]];
  const name = `open${target.replaceAll("/", "-")}`;
  const open = join(folder, name);
  mkdirSync(open, { recursive: true });
  // A file system of its own, since one folder laid over another must not lie inside it.
  return [
    ["none", join("..", name), "mode=755,size=4k,ro", "tmpfs"],
    ["none", target, `ro,lowerdir=${lowerFolders(open, source)}`, "overlay"],
  ];
}

/** The first covers the second. */
function lowerFolders(...folders: readonly string[]): string {
  return folders.map((folder) => folder.replace(/([\\:,])/g, "\\$1")).join(":");
}

/** Files and folders of the system that programs need. On some systems part of them are links into others. */
const systemFolders = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "nix", "gnu"];

const devices = ["null", "zero", "full", "random", "urandom"];
const deviceLinks = { fd: "/proc/self/fd", stdin: "fd/0", stdout: "fd/1", stderr: "fd/2" };

/** Lays out `folder/root`, the places for mounts, and says what is to be mounted on them. */
export function layOutRoot(folder: string, facts: RootFacts): RootFolder {
  const path = join(folder, "root");
  mkdirSync(path, { recursive: true, mode: 0o755 });
  const lines: Line[] = [];
  const places = ["proc", "tmp", "opt", "var/task", "var/runtime", "var/tmp", "run", "dev"];
  for (const place of places) mkdirSync(join(path, place), { recursive: true });
  for (const name of devices) writeFileSync(join(path, "dev", name), "");
  for (const [name, target] of Object.entries(deviceLinks)) link(target, join(path, "dev", name));
  lines.push(...rootLines(path, facts));
  // Whoever mounts it is the first of the process ids that it shows.
  lines.push(["proc", "/proc", "nosuid,nodev,noexec", "proc"]);
  lines.push(...devices.map((name): Line => [`/dev/${name}`, `/dev/${name}`, "bind"]));
  lines.push(...accountLines(folder, facts.root), ...hostsLines(folder, facts.root));
  const { task, opt } = facts.folders;
  lines.push(...codeLines(task, "/var/task", folder, facts), ...codeLines(opt, "/opt", folder, facts), tmpLine(facts));
  const fstab = join(folder, "fstab");
  const locked = facts.as === "user" ? lockedOptions() : () => [];
  writeFileSync(fstab, lines.map((line) => fstabLine(line, path, locked)).join(""), { mode: 0o600 });
  return { path, fstab };
}

/** Source, target inside the root, options; and the type of a file system that is none of this machine's. */
type Line = readonly [source: string, target: string, options: string, type?: string];

function rootLines(path: string, { root, nameServer }: RootFacts): readonly Line[] {
  if (root.kind === "image") {
    return [
      ["none", "/", `ro,lowerdir=${lowerFolders(root.folder, path)}`, "overlay"],
      ...imageNameLines(root.folder, dirname(path), nameServer),
    ];
  }
  const names = root.kind === "system" ? systemFolders : readdirSync("/").filter((name) => !ownFolders.includes(name));
  const lines: Line[] = [[path, "/", "rbind,ro"]];
  for (const name of names) {
    const found = lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (found?.isSymbolicLink()) link(readlinkSync(`/${name}`), join(path, name));
    if (!found?.isDirectory()) continue;
    mkdirSync(join(path, name), { recursive: true });
    lines.push([`/${name}`, `/${name}`, "rbind,ro"]);
  }
  return [...lines, ...nameServerLines(dirname(path), path, nameServer)];
}

/** What the root has of its own, whatever this machine has there. */
const ownFolders = ["proc", "tmp", "opt", "var", "dev", "run"];

/** Where the names of hosts are looked up may be a link into /run, of which nothing else is shown. */
function nameServerLines(folder: string, path: string, nameServer: string | undefined): readonly Line[] {
  if (!existsSync("/etc/resolv.conf")) return [];
  const real = realpathSync("/etc/resolv.conf");
  const settings = nameServer === undefined ? readFileSync(real) : `nameserver ${nameServer}\n`;
  if (!real.startsWith("/run/")) {
    if (nameServer === undefined) return [];
    writeFileSync(join(folder, "resolv.conf"), settings);
    return [[join(folder, "resolv.conf"), real, "bind,ro"]];
  }
  mkdirSync(dirname(join(path, real)), { recursive: true });
  writeFileSync(join(path, real), settings);
  return [];
}

/** An image has its own accounts and libraries, but names are looked up as on this machine. */
function imageNameLines(image: string, folder: string, nameServer: string | undefined): readonly Line[] {
  const file = "/etc/resolv.conf";
  if (!lstatSync(join(image, file), { throwIfNoEntry: false })?.isFile()) return [];
  if (nameServer === undefined) return existsSync(file) ? [[realpathSync(file), file, "bind,ro"]] : [];
  const own = join(folder, "resolv.conf");
  writeFileSync(own, `nameserver ${nameServer}\n`);
  return [[own, file, "bind,ro"]];
}

/** Names of hosts as on this machine, and the environment's own, by which extensions listen to telemetry. */
function hostsLines(folder: string, root: RootKind): readonly Line[] {
  const file = "/etc/hosts";
  const base = root.kind === "image" ? root.folder : "/";
  if (!lstatSync(join(base, file), { throwIfNoEntry: false })?.isFile()) return [];
  const known = existsSync(file) ? readFileSync(file, "utf8").trimEnd() : "127.0.0.1 localhost";
  writeFileSync(join(folder, "hosts"), `${known}\n127.0.0.1 ${sandboxHostNames.join(" ")}\n`);
  return [[join(folder, "hosts"), file, "bind,ro"]];
}

/** Lambda's user has a name, which programs look up. */
function accountLines(folder: string, root: RootKind): readonly Line[] {
  if (root.kind === "machine") return [];
  const { uid, gid, name } = sandboxUser;
  const base = root.kind === "image" ? root.folder : "/";
  const files = [
    ["passwd", 2, uid, `${name}:x:${uid}:${gid}::/home/${name}:/sbin/nologin`],
    ["group", 2, gid, `${name}:x:${gid}:`],
  ] as const;
  return files.flatMap(([file, field, id, line]): readonly Line[] => {
    const original = join(base, "etc", file);
    if (!lstatSync(original, { throwIfNoEntry: false })?.isFile()) return [];
    const others = readFileSync(original, "utf8")
      .split("\n")
      .filter((each) => each !== "" && each.split(":")[field] !== String(id));
    writeFileSync(join(folder, file), `${[...others, line].join("\n")}\n`);
    return [[join(folder, file), `/etc/${file}`, "bind,ro"]];
  });
}

function tmpLine({ tmp, folders }: RootFacts): Line {
  if (tmp.kind === "image") return [tmp.image, "/tmp", "loop,nosuid,nodev", "ext4"];
  if (tmp.kind === "memory") return ["none", "/tmp", `mode=1777,size=${tmp.megabytes}m,nosuid,nodev`, "tmpfs"];
  return [folders.tmp, "/tmp", "bind"];
}

function fstabLine([source, target, options, type]: Line, path: string, locked: (source: string) => readonly string[]) {
  const kept = type === undefined && options.includes("ro") ? locked(source) : [];
  const fields = [source, join(path, target), type ?? "none", [options, ...kept].join(","), "0 0"];
  return `${fields.map((field) => (field === "0 0" ? field : escaped(field))).join(" ")}\n`;
}

/** man 5 fstab: blanks are written in octal. A backslash is one as well. */
function escaped(field: string): string {
  return field.replace(/[\\ \t\n#]/g, (found) => `\\${found.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

/** Flags that an ordinary user's mount of `source` has to keep. man 7 mount_namespaces, "locked" */
function lockedOptions(): (source: string) => readonly string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .map(([, , , , point = "", options = ""]) => ({ point, options: options.split(",") }))
    .filter(({ point }) => point !== "")
    .sort((a, b) => b.point.length - a.point.length);
  return (source) => {
    const real = realpathSync(source);
    const mount = mounts.find(({ point }) => point === "/" || real === point || real.startsWith(`${point}/`));
    return (mount?.options ?? []).filter((option) => ["nosuid", "nodev", "noexec"].includes(option));
  };
}

function link(target: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) symlinkSync(target, path);
}

/** Why a folder cannot be used as a root, in a sentence; undefined when it can. */
export function imageProblem(folder: string): string | undefined {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return `The root "${folder}" is not a folder`;
  // A link here would be followed on this machine, not inside the image.
  const linked = ["etc", "proc", "tmp", "opt", "var", "var/task", "dev", "run"].find((name) =>
    lstatSync(join(folder, name), { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  return linked === undefined
    ? undefined
    : `The root "${folder}" has a link at "/${linked}", where a folder is needed: unpack the image again`;
}
