import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WireExchange } from "../platform/wire-message.ts";
import type { CaseId } from "./case.ts";
import { wireTranscript } from "./wire-transcript.ts";

/** All that was seen of one case, for somebody who wants to look for himself. */
export interface CaseRecord {
  readonly startedAt: number;
  readonly exchanges: readonly WireExchange[];
  readonly stdout: string;
  readonly stderr: string;
  /** One JSON text to a line, for each thing that happened, in order. */
  readonly journal: string;
}

/** Writes `DIR/ID/wire.jsonl`, `stdout.txt`, `stderr.txt` and `journal.jsonl`, in place of those of an earlier run. */
export function keepRecord(folder: string, id: CaseId, record: CaseRecord): void {
  const place = join(folder, id);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "wire.jsonl"), wireTranscript(record.exchanges, record.startedAt));
  writeFileSync(join(place, "stdout.txt"), record.stdout);
  writeFileSync(join(place, "stderr.txt"), record.stderr);
  writeFileSync(join(place, "journal.jsonl"), record.journal);
}
