/**
 * The namespaces of one environment. A *keeper* holds the mounts, and `/tmp` with them, for as long as the environment
 * lives; an *init* holds the process ids of one generation, and whatever runs among them dies with it, as in a reset.
 * Both wait for the end of their standard input, so they go when this process goes, however it goes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { sandboxUser } from "../../protocol/limits.ts";
import { ownPath } from "./isolation.ts";
import { Door, openNat } from "./network.ts";
import type { RootFolder } from "./root-folder.ts";

export interface CellPlan {
  readonly as: "root" | "user";
  readonly root: RootFolder;
  /** An image file to be made for `/tmp`, of so many megabytes. */
  readonly image?: { readonly path: string; readonly megabytes: number };
  /** This machine's network, or one of its own with nothing but a loopback device, or that and a way out. */
  readonly network: "host" | "none" | "nat";
  /** What to write where, so that processes that were frozen when the emulator was killed can end with it. */
  readonly thawing?: readonly [file: string, value: string];
  /** Lambda's unprivileged user, or whoever runs the emulator. */
  readonly user: "sandbox" | "own";
}

interface Holder {
  /** Undefined for a first leader, which its keeper has started. */
  readonly child: ChildProcess | undefined;
  /** Of the process that holds the namespaces, as this machine counts. */
  readonly pid: number;
}

/** The image is forgotten as soon as it is mounted: the mount alone keeps it, and goes with the last process that has it. */
const keep = `
[ -z "$3" ] || { : > "$3" && mke2fs -q -t ext4 -m 0 -O ^has_journal,^resize_inode -N "$5" \
  -E "lazy_itable_init=1,nodiscard,root_owner=$6" "$3" "$4k" >&2 || exit 1; }
mount --all --fstab "$1" >&2 || exit 1
[ -z "$3" ] || rm -rf "$3" "$2/tmp/lost+found"
[ -z "$7" ] || ip link set lo up >&2 || exit 1
read -r self rest < /proc/self/stat
echo "$self"
exec 5<&0
unshare --pid --mount --fork --propagation private sh -c "$8" bootlace "$2" <&5 &
{ cat <&5 > /dev/null; [ -z "$9" ] || echo "\${10}" 2> /dev/null > "$9"; } & wait`;

/** The first process among its own kind has to collect those that nobody else collects, which a waiting shell does. */
const lead = `
mount -t proc -o nosuid,nodev,noexec proc "$1/proc" >&2 || exit 1
read -r self rest < /proc/self/stat
echo "$self"
exec 4<&0 > /dev/null
cat <&4 & wait`;

export class Cell {
  readonly #plan: CellPlan;
  readonly #keeper: Promise<Holder>;
  #leader: Promise<Holder> | undefined;
  readonly #holders = new Set<Holder>();
  #door: Door | undefined;
  #nat: ChildProcess | undefined;
  readonly #ends: Promise<unknown>[] = [];

  /** Begins to make the namespaces; `enter` waits for them. */
  constructor(plan: CellPlan) {
    this.#plan = plan;
    const held = this.#keep();
    this.#keeper = held.then(([keeper]) => keeper);
    this.#leader = held.then(([, leader]) => leader);
    // Told to whoever enters.
    this.#keeper.catch(() => {});
    this.#leader.catch(() => {});
  }

  get rootPath(): string {
    return this.#plan.root.path;
  }

  /** The way into the environment's own network; undefined where it has none. */
  async door(): Promise<Door | undefined> {
    const { network, as } = this.#plan;
    if (network === "host") return undefined;
    const { pid } = await this.#keeper;
    const user = as === "user" ? ["--user", "--preserve-credentials"] : [];
    if (network === "nat") {
      this.#nat = await openNat(pid, as);
      this.#ends.push(once(this.#nat, "exit").catch(() => {}));
    }
    this.#door = await Door.open(
      ["nsenter", "--target", String(pid), ...user, "--net"],
      join(dirname(this.#plan.root.fstab), "door"),
    );
    return this.#door;
  }

  /** The init of this generation, which begins with the first process. */
  async leader(): Promise<number> {
    this.#leader ??= this.#lead();
    return (await this.#leader).pid;
  }

  /** Kills every process of this generation, wherever it has hidden, and its children to come. */
  endGeneration(): void {
    const leader = this.#leader;
    this.#leader = undefined;
    if (leader !== undefined) void leader.then(kill, () => {});
  }

  /** Resolves when all of it is gone. */
  async close(): Promise<void> {
    this.endGeneration();
    this.#nat?.kill("SIGKILL");
    this.#door?.close();
    await this.#door?.closed();
    // It collects its leader before it ends.
    await this.#keeper.then(
      ({ child }) => child?.stdin?.destroy(),
      () => {},
    );
    await Promise.all(this.#ends);
  }

  /** As far as it goes without waiting. */
  kill(): void {
    this.#nat?.kill("SIGKILL");
    this.#door?.close();
    for (const holder of this.#holders) kill(holder);
  }

  /** The keeper brings the leader of the first generation along, which is quicker than one after the other. */
  async #keep(): Promise<readonly [keeper: Holder, leader: Holder]> {
    const { as, root, image, network } = this.#plan;
    const user = as === "user" ? ["--user", "--map-root-user"] : [];
    const own = network === "host" ? [] : ["--net"];
    const args = [...user, "--mount", "--ipc", "--uts", ...own, "--propagation", "private", "sh", "-c", keep];
    const kilobytes = image === undefined ? 0 : Math.ceil(image.megabytes * 1024 * 1.02) + 10 * 1024;
    const inodes = Math.ceil(kilobytes / 16);
    const { uid, gid } = this.#plan.user === "sandbox" ? sandboxUser : { uid: 0, gid: 0 };
    const facts = [image?.path ?? "", kilobytes, inodes, `${uid}:${gid}`, network === "host" ? "" : "own"].map(String);
    const { child, pids } = await this.#hold(
      "unshare",
      [...args, "bootlace", root.fstab, root.path, ...facts, lead, ...(this.#plan.thawing ?? [])],
      2,
    );
    const [keeper = 0, leader = 0] = pids;
    return [this.#held(child, keeper), this.#held(undefined, leader)];
  }

  async #lead(): Promise<Holder> {
    const keeper = await this.#keeper;
    const script = ["sh", "-c", lead, "bootlace", this.#plan.root.path];
    const own = ["unshare", "--pid", "--mount", "--fork", "--propagation", "private", ...script];
    const { child, pids } = await this.#hold("nsenter", [...this.#namespacesOf(keeper.pid, []), ...own], 1);
    return this.#held(child, pids[0] ?? 0);
  }

  #namespacesOf(pid: number, more: readonly string[]): readonly string[] {
    const user = this.#plan.as === "user" ? ["--user", "--preserve-credentials"] : [];
    const network = this.#plan.network === "host" ? [] : ["--net"];
    return ["--target", String(pid), ...user, "--mount", "--ipc", "--uts", ...network, ...more];
  }

  #held(child: ChildProcess | undefined, pid: number): Holder {
    const holder = { child, pid };
    this.#holders.add(holder);
    child?.once("exit", () => this.#holders.delete(holder));
    return holder;
  }

  /** Spawns something that says process ids, one to a line, and then waits. */
  async #hold(command: string, args: readonly string[], lines: number) {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, env: { PATH: ownPath } });
    this.#ends.push(once(child, "close").catch(() => {}));
    let complaint = "";
    child.stderr.on("data", (chunk) => (complaint += chunk));
    // Written to by nobody; an end that breaks is an end.
    child.stdin.on("error", () => {});
    const pids = (await firstLines(child, child.stdout, lines)).map(Number);
    if (pids.length < lines)
      throw new Error(`This machine cannot isolate the environment: ${complaint.trim().split("\n")[0]}`);
    return { child, pids };
  }

  /** What has to come before a command for it to run among the processes of `leader`. */
  async entrance(): Promise<readonly string[]> {
    return ["nsenter", ...this.#namespacesOf(await this.leader(), ["--pid"]), "setsid"];
  }
}

function kill({ child, pid }: Holder): void {
  child?.stdin?.destroy();
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** As many lines as are asked for, or fewer when there are no more. */
async function firstLines(child: ChildProcess, output: Readable, count: number): Promise<readonly string[]> {
  let text = "";
  const lines = () => text.split("\n").slice(0, -1);
  return await new Promise((resolve) => {
    output.on("data", (chunk) => {
      text += chunk;
      if (lines().length >= count) resolve(lines());
    });
    for (const event of ["error", "close"]) child.once(event, () => resolve(lines()));
  });
}
