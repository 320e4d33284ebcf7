import type { Input } from "../core/environment/input.ts";
import type { Instant } from "../core/environment/model.ts";

/** One input as it was taken from the inbox. Folding `step` over the entries gives the environment's final state. */
export interface JournalEntry {
  readonly at: Instant;
  readonly input: Input;
}
