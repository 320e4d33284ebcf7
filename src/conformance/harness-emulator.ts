/** Plays caller, runtime and extensions against an emulator. It knows of it what HTTP and puppets show, and no more. */
import type { EmulatorCase } from "./emulator-case.ts";
import { complete, stuck } from "./emulator-end.ts";
import type { EmulatorEnd, EmulatorEvidence, SeenProcess } from "./emulator-evidence.ts";
import { EmulatorStage } from "./emulator-stage.ts";
import { type EmulatorSubject, emulatorLacks, openEmulator } from "./emulator-subject.ts";
import { caseBudgetMs, within } from "./patience.ts";

/** How long anything may take that should happen at once; an emulator is slow, not wrong, below that. */
const patienceMs = 20_000;

/** Makes the moves of a case, each of which may take `timeScale` times as long as usual; what the emulator started has ended afterwards. */
export async function runEmulatorCase(
  subject: EmulatorSubject,
  testCase: EmulatorCase,
  signal: AbortSignal,
  timeScale = 1,
): Promise<EmulatorEvidence> {
  const reason = emulatorLacks(subject, testCase);
  if (reason !== undefined) return nothingSeen({ type: "unclear", reason });
  await using open = await openEmulator(subject, testCase);
  const stage = new EmulatorStage(open, testCase, signal);
  const end = await play(stage, testCase, signal, timeScale);
  const evidence = stage.evidence(end);
  // The next case is to meet new processes.
  if (open.shared) await within(patienceMs, signal, stage.rest());
  return evidence;
}

async function play(
  stage: EmulatorStage,
  testCase: EmulatorCase,
  signal: AbortSignal,
  timeScale: number,
): Promise<EmulatorEnd> {
  const end = performance.now() + caseBudgetMs(timeScale);
  for (const move of testCase.moves) {
    const limitMs = Math.min(testCase.patienceMs ?? patienceMs * timeScale, end - performance.now());
    const came = (await within(limitMs, signal, stage.perform(move))) ?? stuck(move, limitMs);
    if (came.type !== "complete" || signal.aborted) return came;
  }
  return complete;
}

function nothingSeen(end: EmulatorEnd): EmulatorEvidence {
  const firsts = new Map<string, SeenProcess>();
  return {
    startedAt: 0,
    exchanges: new Map(),
    sentAt: new Map(),
    filesFound: new Map(),
    processes: 0,
    firsts,
    telemetry: new Map(),
    end,
  };
}
