/** A control group for one environment, in whichever of its two versions this machine has. man 7 cgroups */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../../platform/error-code.ts";

export interface GroupLimits {
  readonly memoryBytes: number;
  readonly tasksMax: number;
}

/** What a group can do here; what is missing is told by `enforcementOf`. */
export type Controller = "memory" | "cpu" | "pids" | "freezer";

const controllers: readonly Controller[] = ["memory", "cpu", "pids", "freezer"];
const mountPoint = "/sys/fs/cgroup";

/** Lambda's own period is not documented; a short one keeps the pauses of a small share short. */
const periodUs = 20_000;
/** The kernel takes no smaller quota. */
const quotaUsMin = 1_000;

interface Place {
  readonly version: 1 | 2;
  readonly folder: string;
}

type Places = ReadonlyMap<Controller, Place>;

let known: Places | undefined;

/** The controllers in which groups can be made here, found by making one. */
export function controllersOfThisMachine(): ReadonlySet<Controller> {
  return new Set(places().keys());
}

/** An environment's own group, or what there is of it. */
export class Group {
  readonly #folders: ReadonlyMap<Controller, Place>;

  private constructor(folders: ReadonlyMap<Controller, Place>) {
    this.#folders = folders;
  }

  static create(name: string, limits: GroupLimits): Group {
    const folders = new Map<Controller, Place>();
    for (const [controller, { version, folder }] of places()) {
      const own = join(folder, name);
      mkdirSync(own, { recursive: true });
      folders.set(controller, { version, folder: own });
    }
    const group = new Group(folders);
    group.#limit(limits);
    return group;
  }

  /** Files to which a process writes "0" to be in the group. */
  get doors(): readonly string[] {
    const folders = new Set([...this.#folders.values()].map(({ folder }) => folder));
    return [...folders].map((folder) => join(folder, "cgroup.procs"));
  }

  get freezes(): boolean {
    return this.#folders.has("freezer");
  }

  /** A file, and what to write to it so that everything goes on: what is frozen cannot even be killed (version 1). */
  get thawing(): readonly [file: string, value: string] | undefined {
    const place = this.#folders.get("freezer");
    if (place === undefined) return undefined;
    const [file, value] = place.version === 1 ? ["freezer.state", "THAWED"] : ["cgroup.freeze", "0"];
    return [join(place.folder, file), value];
  }

  /** Everything in it stops or goes on; a process that is born in it stops too. */
  freeze(frozen: boolean): void {
    this.#write("freezer", {
      1: ["freezer.state", frozen ? "FROZEN" : "THAWED"],
      2: ["cgroup.freeze", frozen ? "1" : "0"],
    });
  }

  /** Whether everything in it stands still by now. */
  get frozen(): boolean {
    const place = this.#folders.get("freezer");
    if (place === undefined) return false;
    if (place.version === 1) return read(join(place.folder, "freezer.state")).trim() === "FROZEN";
    return /^frozen 1$/m.test(read(join(place.folder, "cgroup.events")));
  }

  /** The whole machine for an Init phase, the share afterwards. */
  limitProcessors(processors: number | "all"): void {
    const quotaUs = processors === "all" ? -1 : Math.max(quotaUsMin, Math.round(processors * periodUs));
    const v2 = `${quotaUs === -1 ? "max" : quotaUs} ${periodUs}`;
    this.#write("cpu", { 1: ["cpu.cfs_quota_us", String(quotaUs)], 2: ["cpu.max", v2] });
  }

  /** Process ids, as this machine counts them; undefined where no controller is to be had. */
  members(): readonly number[] | undefined {
    const [place] = this.#folders.values();
    if (place === undefined) return undefined;
    return read(join(place.folder, "cgroup.procs")).split("\n").filter(Boolean).map(Number);
  }

  /** How many processes the kernel has killed here for want of memory. */
  outOfMemoryKills(): number {
    const place = this.#folders.get("memory");
    if (place === undefined) return 0;
    const text = read(join(place.folder, place.version === 1 ? "memory.oom_control" : "memory.events"));
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** False while something lives in it. */
  remove(): boolean {
    return [...this.#folders.values()].every(({ folder }) => removeFolder(folder));
  }

  #limit({ memoryBytes, tasksMax }: GroupLimits): void {
    const memory = String(memoryBytes);
    this.#write("memory", { 1: ["memory.limit_in_bytes", memory], 2: ["memory.max", memory] });
    this.#write("memory", { 1: ["memory.memsw.limit_in_bytes", memory], 2: ["memory.swap.max", "0"] });
    this.#write("pids", { 1: ["pids.max", String(tasksMax)], 2: ["pids.max", String(tasksMax)] });
    this.#write("cpu", { 1: ["cpu.cfs_period_us", String(periodUs)] });
  }

  #write(controller: Controller, settings: Partial<Record<1 | 2, readonly [file: string, value: string]>>): void {
    const place = this.#folders.get(controller);
    const [file, value] = (place && settings[place.version]) ?? [];
    if (place === undefined || file === undefined || value === undefined) return;
    const path = join(place.folder, file);
    // A kernel without swap accounting has no file for it, and needs none.
    if (existsSync(path)) writeFileSync(path, value);
  }
}

function places(): Places {
  known ??= new Map(
    controllers.flatMap((controller) => (placeOf(controller) ?? []).map((place) => [controller, place])),
  );
  return known;
}

/** Under the group that this process is in (version 1), or at the top, where only root may make one (version 2). */
function placeOf(controller: Controller): readonly Place[] | undefined {
  if (process.platform !== "linux") return undefined;
  const own = new RegExp(`^\\d+:(?:[^:]*,)?${controller}(?:,[^:]*)?:(.*)$`, "m").exec(read("/proc/self/cgroup"))?.[1];
  const place: Place =
    own === undefined
      ? { version: 2, folder: join(unifiedMount(), "bootlace") }
      : { version: 1, folder: join(mountPoint, controller, own, "bootlace") };
  return usable(place, controller) ? [place] : undefined;
}

function unifiedMount(): string {
  return existsSync(join(mountPoint, "cgroup.controllers")) ? mountPoint : join(mountPoint, "unified");
}

function usable({ version, folder }: Place, controller: Controller): boolean {
  try {
    if (version === 2 && controller !== "freezer") {
      if (!existsSync(join(dirname(folder), "cgroup.controllers"))) return false;
      writeFileSync(join(dirname(folder), "cgroup.subtree_control"), `+${controller}`);
    }
    mkdirSync(folder, { recursive: true });
    if (version === 2 && controller !== "freezer")
      writeFileSync(join(folder, "cgroup.subtree_control"), `+${controller}`);
    prune(folder);
    const trial = join(folder, `try-${process.pid}`);
    mkdirSync(trial, { recursive: true });
    const found =
      existsSync(join(trial, "cgroup.procs")) && (version === 1 || existsSync(join(trial, fileOf[controller])));
    removeFolder(trial);
    return found;
  } catch {
    // Not root, a read-only /sys, or a controller that somebody else holds.
    return false;
  }
}

/** A file that a group of version 2 has when the controller is on. */
const fileOf: Readonly<Record<Controller, string>> = {
  memory: "memory.max",
  cpu: "cpu.max",
  pids: "pids.max",
  freezer: "cgroup.freeze",
};

/** Empty groups of runs that were killed before they could tidy up. */
function prune(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const owner = /^\w+-(\d+)(?:-|$)/.exec(entry.name)?.[1];
    if (entry.isDirectory() && owner !== undefined && !existsSync(`/proc/${owner}`))
      removeFolder(join(folder, entry.name));
  }
}

function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return errorCode(error) === "ENOENT";
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
