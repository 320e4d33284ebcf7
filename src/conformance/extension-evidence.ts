import type { SubjectEvidence } from "./subject-evidence.ts";

/** What an extension did in the course of a case. */
export interface ExtensionEvidence extends SubjectEvidence {
  /** The name of the file that was started. */
  readonly fileName: string;
  /** What became of each batch of telemetry. */
  readonly deliveries: readonly Delivery[];
  /** Whether somebody listened at the destination, each time the extension subscribed. */
  readonly listened: readonly boolean[];
  /** Files outside `/tmp` that came, went or changed. */
  readonly touched: readonly string[];
  /** How many lines were printed in all. */
  readonly printed: number;
}

export interface Delivery {
  readonly at: number;
  readonly tookMs: number;
  /** `taken`, or why it was not. */
  readonly outcome: "taken" | { readonly refused: string };
  /** How many lines had been printed when it began. */
  readonly printedBefore: number;
}
