/**
 * The namespaces of one environment. A *keeper* holds the mounts, and `/tmp` with them, for as long as the environment
 * lives; a *leader* holds the process ids of one generation, and whatever runs among them dies with it, as in a reset.
 * Both wait for the end of their standard input, so they go when this process goes, however it goes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BlankImage, writeBlankImage } from "./blank-image.ts";
import { ownPath } from "./isolation.ts";
import { Door, openNat } from "./network.ts";
import type { RootFolder } from "./root-folder.ts";

export interface CellPlan {
  readonly as: "root" | "user";
  readonly root: RootFolder;
  /** To be made for `/tmp`. */
  readonly image?: BlankImage;
  /** This machine's network, or one of its own with nothing but a loopback device, or that and a way out. */
  readonly network: "host" | "none" | "nat";
  /** What to write where, so that processes that were frozen when the emulator was killed can end with it. */
  readonly thawing?: readonly [file: string, value: string];
}

/** From one reset to the next. */
export interface Generation {
  /** Its first process, as this machine counts. Programs may enter, and see their root once `mounted` resolves. */
  readonly leader: Promise<number>;
  readonly mounted: Promise<void>;
}

/** The first process among its own kind has to collect those that nobody else collects, which a waiting shell does. */
const lead = `
[ -z "$OWN_NETWORK" ] || ip link set lo up >&2 || exit 1
cd -P /proc/self && echo "\${PWD##*/}" && cd / || exit 1
mount "$@" >&2 || exit 1
echo mounted
exec 4<&0 > /dev/null
read -r end <&4 & wait`;

/**
 * Its first child is the leader, since it has left its process ids to it; after the first reset it can have no other, so
 * it waits without one.
 */
const keep = `
exec 5<&0
(${lead}) <&5 &
read -r end
[ -z "$THAWING" ] || echo "$THAWED" 2> /dev/null > "$THAWING"
wait`;

const proc = ["-t", "proc", "-o", "nosuid,nodev,noexec", "proc"];

export class Cell {
  readonly #plan: CellPlan;
  readonly #keeper: ChildProcess;
  #generation: Generation | undefined;
  /** Everybody who was started, and has not ended by itself. */
  readonly #children = new Set<ChildProcess>();
  #door: Door | undefined;
  #nat: ChildProcess | undefined;
  readonly #ends: Promise<unknown>[] = [];

  /** Begins to make the namespaces, and the leader of the first generation with them: it is the quickest that way. */
  constructor(plan: CellPlan) {
    this.#plan = plan;
    const { root, image, network, thawing: [file, value] = ["", ""] } = plan;
    if (image !== undefined) writeBlankImage(image);
    const user = plan.as === "user" ? ["--user", "--map-root-user"] : [];
    const own = network === "host" ? [] : ["--net"];
    const namespaces = [...user, "--mount", "--ipc", "--uts", "--pid", ...own, "--propagation", "private"];
    const args = [...namespaces, "sh", "-c", keep, "bootlace", "--all", "--fstab", root.fstab];
    this.#keeper = this.#spawn("unshare", args, {
      OWN_NETWORK: own.join(),
      THAWING: file,
      THAWED: value,
    });
    this.#generation = this.#led(this.#keeper);
    // The mount alone keeps it from now on, and goes with the last process that has it.
    if (image !== undefined)
      this.#generation.mounted.then(
        () => rmSync(image.path, { force: true }),
        () => {},
      );
  }

  get rootPath(): string {
    return this.#plan.root.path;
  }

  /** The way into the environment's own network; undefined where it has none. */
  async door(): Promise<Door | undefined> {
    const { network, as } = this.#plan;
    if (network === "host") return undefined;
    await this.generation().leader;
    const pid = this.#keeperPid;
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

  /** The one that lives, or a new one. */
  generation(): Generation {
    this.#generation ??= this.#next();
    return this.#generation;
  }

  /** What has to come before a command for it to run in the generation whose leader is the first line of its input. */
  get entrance(): readonly string[] {
    const enter = 'read -r leader && exec nsenter --target "$leader" "$@"';
    return ["sh", "-c", enter, "bootlace", ...this.#namespaces, "--pid", "setsid"];
  }

  /** Kills every process of this generation, wherever it has hidden, and its children to come. */
  endGeneration(): void {
    const generation = this.#generation;
    this.#generation = undefined;
    generation?.leader.then(kill, () => {});
  }

  /** Resolves when all of it is gone. */
  async close(): Promise<void> {
    this.endGeneration();
    this.#nat?.kill("SIGKILL");
    this.#door?.close();
    await this.#door?.closed();
    // It collects its leader before it ends.
    this.#keeper.stdin?.destroy();
    await Promise.all(this.#ends);
  }

  /** As far as it goes without waiting. */
  kill(): void {
    this.#nat?.kill("SIGKILL");
    this.#door?.close();
    this.endGeneration();
    for (const child of this.#children) child.stdin?.destroy();
  }

  #next(): Generation {
    const leader = ["sh", "-c", lead, "bootlace", ...proc, join(this.rootPath, "proc")];
    const own = ["unshare", "--pid", "--mount", "--fork", "--propagation", "private", ...leader];
    const enter = ["--target", String(this.#keeperPid), ...this.#namespaces];
    return this.#led(this.#spawn("nsenter", [...enter, ...own]));
  }

  get #keeperPid(): number {
    // It is looked for when its leader has been heard of, so it has begun.
    return this.#keeper.pid ?? 0;
  }

  get #namespaces(): readonly string[] {
    const user = this.#plan.as === "user" ? ["--user", "--preserve-credentials"] : [];
    const network = this.#plan.network === "host" ? [] : ["--net"];
    return [...user, "--mount", "--ipc", "--uts", ...network];
  }

  /** Whoever enters is told what went wrong. */
  #led(child: ChildProcess): Generation {
    let complaint = "";
    child.stderr?.on("data", (chunk) => (complaint += chunk));
    const lines = linesOf(child);
    const line = async (number: 0 | 1) => {
      const text = await lines[number];
      if (text !== undefined) return text;
      throw new Error(`This machine cannot isolate the environment: ${complaint.trim().split("\n")[0]}`);
    };
    const leader = line(0).then(Number);
    const mounted = line(1).then(() => {});
    for (const promise of [leader, mounted]) promise.catch(() => {});
    return { leader, mounted };
  }

  #spawn(command: string, args: readonly string[], variables: Readonly<Record<string, string>> = {}): ChildProcess {
    const env = { PATH: ownPath, ...variables };
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], detached: true, env });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    this.#ends.push(once(child, "close").catch(() => {}));
    // Written to by nobody; an end that breaks is an end.
    child.stdin.on("error", () => {});
    return child;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** The first two lines that it writes, each as soon as it is there; undefined when it ends before. */
function linesOf(child: ChildProcess): readonly [Promise<string | undefined>, Promise<string | undefined>] {
  let text = "";
  const line = (number: number) =>
    new Promise<string | undefined>((resolve) => {
      child.stdout?.on("data", () => {
        const lines = text.split("\n");
        if (lines.length > number + 1) resolve(lines[number]);
      });
      for (const event of ["error", "close"]) child.once(event, () => resolve(undefined));
    });
  child.stdout?.on("data", (chunk) => (text += chunk));
  return [line(0), line(1)];
}
