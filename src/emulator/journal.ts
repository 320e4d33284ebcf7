import type { Effect } from "../core/environment/effect.ts";
import type { Input } from "../core/environment/input.ts";
import { type Environment, type Instant, newEnvironment, type Settings } from "../core/environment/model.ts";
import { step } from "../core/environment/step.ts";
import type { FiredFault } from "../faults/fault-injector.ts";
import type { LostWork } from "./supervisor/lost-work.ts";

/** One input as it was taken from the inbox. Folding `step` over the entries gives the environment's final state. */
export interface JournalEntry {
  readonly at: Instant;
  readonly input: Input;
}

/** A fault that the plan put between the environment and its processes. No step is taken for it. */
export interface JournalFault {
  readonly at: Instant;
  readonly fault: FiredFault;
}

/** What a freeze has interrupted, found when it was frozen or thawed. No step is taken for it. */
export interface JournalLostWork {
  readonly at: Instant;
  readonly lostWork: LostWork;
}

/** The whole life of one environment, as one line of JSON each: what it was given, then every input, every fault and all lost work. */
export interface Journal {
  readonly settings: Settings;
  readonly entries: readonly JournalEntry[];
  readonly faults: readonly JournalFault[];
  readonly lostWork: readonly JournalLostWork[];
}

/** A journal that is none; the message says which line. `code` is `BAD_JOURNAL`. */
export class BadJournalError extends Error {
  readonly code = "BAD_JOURNAL";
}

/** What an environment has lived through so far. */
export function journalOf(environment: {
  readonly state: Environment;
  readonly journal: readonly JournalEntry[];
  readonly faults: readonly JournalFault[];
  readonly lost: readonly JournalLostWork[];
}): Journal {
  const { state, journal, faults, lost } = environment;
  return { settings: state.settings, entries: journal, faults, lostWork: lost };
}

export function journalText({ settings, entries, faults, lostWork }: Journal): string {
  const lines = [...entries, ...faults, ...lostWork].sort((a, b) => a.at - b.at);
  return [{ settings }, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("");
}

export function parseJournal(text: string): Journal {
  const lines = text.split("\n").filter((line) => line !== "");
  const [head, ...rest] = lines.map((line, index) => parseLine(line, index + 1));
  if (head === undefined || !("settings" in head)) throw new BadJournalError("Line 1 of the journal has no settings");
  const wrong = rest.findIndex(
    (entry) => !("at" in entry && ("input" in entry || "fault" in entry || "lostWork" in entry)),
  );
  if (wrong !== -1) throw new BadJournalError(`Line ${wrong + 2} of the journal is no input with its instant`);
  // as: the shape of inputs is this program's own; one from another version fails in `step`, by name.
  const entries = rest.filter((entry) => "input" in entry) as unknown as readonly JournalEntry[];
  const faults = rest.filter((entry) => "fault" in entry) as unknown as readonly JournalFault[];
  const lostWork = rest.filter((entry) => "lostWork" in entry) as unknown as readonly JournalLostWork[];
  return { settings: head.settings as Settings, entries, faults, lostWork };
}

/** Takes every step again, and runs nothing. */
export function replay(
  { settings, entries }: Pick<Journal, "settings" | "entries">,
  stepped: (entry: JournalEntry, effects: readonly Effect[], environment: Environment) => void,
): Environment {
  return entries.reduce((environment, entry) => {
    const [next, effects] = step(environment, entry.input, entry.at);
    stepped(entry, effects, next);
    return next;
  }, newEnvironment(settings));
}

function parseLine(line: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below, with its line.
  }
  throw new BadJournalError(`Line ${number} of the journal is not a JSON object`);
}
