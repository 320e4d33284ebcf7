import { existsSync, readFileSync } from "node:fs";
import { parseJournal, replay } from "../../emulator/journal.ts";
import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { timelineLines } from "../first-run-page.ts";
import { Narrator } from "../narrator.ts";

const help = `bootlace replay JOURNAL [--json]

Takes every step of an execution environment again, from a journal that "bootlace invoke --journal FILE" wrote,
and shows what happened. Nothing is run: the same inputs give the same steps.

  --json   the moments, the phases and the final state as one JSON document

  bootlace invoke examples/hello --journal hello.journal
  bootlace replay hello.journal`;

export const command: Command = {
  name: "replay",
  summary: "show again what happened, from a journal; runs nothing",
  help,
  async run(args) {
    const { values, positionals } = parseCommand("replay", args, { json: { type: "boolean", default: false } });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError("Name one journal, such as hello.journal");
    if (!existsSync(file)) throw new UsageError(`The journal "${file}" does not exist`);
    const narrator = new Narrator();
    const state = replayFile(file, narrator);
    const { moments, phases } = narrator;
    if (values.json) console.log(JSON.stringify({ moments, phases, state }, undefined, 2));
    else for (const line of timelineLines(moments)) console.log(line);
    return exitCodes.success;
  },
};

function replayFile(file: string, narrator: Narrator) {
  try {
    const journal = parseJournal(readFileSync(file, "utf8"));
    const state = replay(journal, (...step) => narrator.stepped(...step));
    for (const entry of journal.faults) narrator.faulted(entry);
    for (const entry of journal.lostWork) narrator.lostWork(entry);
    return state;
  } catch (error) {
    // Inputs that no environment was ever given break a promise of the core, and then the file is what is wrong.
    throw new UsageError(`Cannot replay "${file}": ${error instanceof Error ? error.message : error}`);
  }
}
