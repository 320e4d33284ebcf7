import { type FSWatcher, fstatSync, type Stats, statSync, watch } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../failure.ts";

/** An editor writes a file in several steps, and a formatter follows: what comes within this is one change. */
const quietMs = 100;

/** Folders and files whose changes are nobody's edit; a log among them, as what we say goes to one through a pipe. */
const ignored = /(^|\/)(node_modules|\.git)(\/|$)|(~|\.sw[a-z]|\.tmp|\.log|\/4913)$/;

/** Tells of changes in folders and of files, one after another: while `changed` works, further changes wait. */
export class SourceWatch implements AsyncDisposable {
  readonly #changed: (files: readonly string[]) => Promise<void>;
  readonly #watched = new Map<string, PathWatch>();
  readonly #files = new Set<string>();
  /** The files that our own output goes to: each change that is told makes them longer, which would be a change again. */
  readonly #outputs: readonly Stats[];
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;

  constructor(changed: (files: readonly string[]) => Promise<void>, outputs: readonly number[] = [1, 2]) {
    this.#changed = changed;
    this.#outputs = outputs.map((descriptor) => fstatSync(descriptor)).filter((found) => found.isFile());
  }

  /** Watches these as well; what is watched already, or lies in a folder that is, is not watched twice. */
  add(paths: readonly string[]): void {
    for (const path of paths) {
      const absolute = resolve(path);
      const within = [...this.#watched.keys()].some((known) => `${absolute}/`.startsWith(`${known}/`));
      if (!within) this.#watched.set(absolute, new PathWatch(path, (file) => this.#note(file)));
    }
  }

  /** Resolves when nothing works on a change any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const watched of this.#watched.values()) watched[Symbol.dispose]();
    clearTimeout(this.#timer);
    this.#files.clear();
    await this.#working;
  }

  #note(file: string): void {
    if (ignored.test(file) || this.#isOutput(file)) return;
    this.#files.add(file);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#working ??= this.#work()), quietMs);
  }

  #isOutput(file: string): boolean {
    if (this.#outputs.length === 0) return false;
    const found = statSync(file, { throwIfNoEntry: false });
    return this.#outputs.some(({ dev, ino }) => dev === found?.dev && ino === found.ino);
  }

  async #work(): Promise<void> {
    while (this.#files.size > 0) {
      const names = [...this.#files].sort();
      this.#files.clear();
      await this.#changed(names);
    }
    this.#working = undefined;
  }
}

/** One folder with all that is in it, or one file; also when another takes its place, as builds and editors do it. */
class PathWatch implements Disposable {
  readonly #path: string;
  readonly #told: (file: string) => void;
  readonly #above: FSWatcher;
  #within: FSWatcher | undefined;

  constructor(path: string, told: (file: string) => void) {
    this.#path = path;
    this.#told = told;
    const absolute = resolve(path);
    this.#above = begun(path, () =>
      watch(dirname(absolute), (event, name) => {
        if (name === basename(absolute)) this.#changed(event);
      }),
    );
    this.#within = this.#look();
  }

  /** A rename is also a making and a removal; the rest of what is heard of a folder is its own mode and dates. */
  #changed(event: "rename" | "change"): void {
    if (event === "change" && this.#within !== undefined) return;
    this.#within?.close();
    try {
      this.#within = this.#look();
    } catch {
      // It has gone again, and what comes in its place will be heard of.
      this.#within = undefined;
    }
    this.#told(this.#path);
  }

  #look(): FSWatcher | undefined {
    if (statSync(this.#path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
    return begun(this.#path, () =>
      watch(this.#path, { recursive: true }, (_event, name) => this.#told(join(this.#path, name ?? ""))),
    );
  }

  [Symbol.dispose](): void {
    this.#above.close();
    this.#within?.close();
  }
}

/** Neither a folder that goes away nor one that cannot be looked into is a reason to stop. */
function begun(path: string, watching: () => FSWatcher): FSWatcher {
  try {
    return watching().on("error", () => {});
  } catch (error) {
    throw new UsageError(
      `Cannot watch "${path}" (${error instanceof Error ? error.message : error}): add "--no-watch" to do without`,
    );
  }
}
