import { existsSync } from "node:fs";
import { parseJournal, replay } from "../../emulator/journal.ts";
import { BadTranscriptError, parseWireTranscript } from "../../protocol/schema/wire-transcript.ts";
import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { timelineLines } from "../first-run-page.ts";
import { readInput } from "../input-file.ts";
import { Narrator } from "../narrator.ts";
import { wireLines } from "../wire-page.ts";

const help = `bootlace replay FILE [--json]

Takes every step of an execution environment again, from a journal that "bootlace invoke --journal FILE" wrote,
and shows what happened. Nothing is run: the same inputs give the same steps. A wire transcript, which the extension
"recorder" and "bootlace conformance --keep DIR" write, is shown with its heads and bodies, in the order of time.

  --json   the moments, the phases and the final state of a journal, the lines of a transcript, as one JSON document

  bootlace invoke examples/hello --journal hello.journal
  bootlace replay hello.journal`;

export const command: Command = {
  name: "replay",
  summary: "show again what happened, from a journal or a wire transcript; runs nothing",
  help,
  async run(args) {
    const { values, positionals } = parseCommand("replay", args, { json: { type: "boolean", default: false } });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError("Name one journal, such as hello.journal");
    if (!existsSync(file)) throw new UsageError(`The journal "${file}" does not exist`);
    const text = readInput(file, "journal").toString("utf8");
    const shown = text.startsWith('{"wire":') ? transcript(file, text) : journal(file, text);
    console.log(values.json ? JSON.stringify(shown.document, undefined, 2) : shown.lines.join("\n"));
    return exitCodes.success;
  },
};

interface Shown {
  readonly document: unknown;
  readonly lines: readonly string[];
}

function transcript(file: string, text: string): Shown {
  try {
    const document = parseWireTranscript(text);
    return { document, lines: wireLines(document) };
  } catch (error) {
    if (error instanceof BadTranscriptError) throw new UsageError(`Cannot replay "${file}": ${error.message}`);
    throw error;
  }
}

function journal(file: string, text: string): Shown {
  const narrator = new Narrator();
  const state = replayJournal(file, text, narrator);
  const { moments, phases } = narrator;
  return { document: { moments, phases, state }, lines: timelineLines(moments) };
}

function replayJournal(file: string, text: string, narrator: Narrator) {
  try {
    const journal = parseJournal(text);
    const state = replay(journal, (...step) => narrator.stepped(...step));
    for (const entry of journal.faults) narrator.faulted(entry);
    for (const entry of journal.lostWork) narrator.lostWork(entry);
    return state;
  } catch (error) {
    // Inputs that no environment was ever given break a promise of the core, and then the file is what is wrong.
    throw new UsageError(`Cannot replay "${file}": ${error instanceof Error ? error.message : error}`);
  }
}
