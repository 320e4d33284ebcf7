/** `npm run bench`: the compiled bootstrap beside the same program as a script, the official client and the floor. */
import { temporaryFolder } from "../src/platform/temporary-folder.ts";
import { load, machine } from "./machine.ts";
import { chosenMeasures, trial } from "./measures.ts";
import { help, OptionError, type Options, parseOptions } from "./options.ts";
import { baseline, peerSubject } from "./peers.ts";
import { jsonReport, type MeasureFigures, type Report, textReport } from "./report.ts";
import { inRounds, oneRound } from "./rounds.ts";
import { ServerProcess } from "./server-process.ts";
import { type Absence, ourSubjects, type Subject } from "./subjects.ts";

// An interrupted run leaves nothing behind: the folder, a hundred megabytes, goes when the process exits.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(help);
  else console.log((options.json ? jsonReport : textReport)(await report(options)));
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}

async function report(options: Options): Promise<Report> {
  const folder = temporaryFolder("bootlace-bench-");
  const subjects = [...(await ourSubjects(folder.path))];
  const absent: Absence[] = [];
  const peer = options.peers ? await peerSubject(say) : { name: baseline, reason: "left out with --without-peers" };
  // After all that was built and installed, whose load is not the measurement's.
  const found = machine();
  using server = new ServerProcess(found.pinnedTo);
  for (const subject of subjects) await oneRound(trial, subject, server);
  const tried = "reason" in peer ? peer : await triedPeer(peer, server);
  if ("reason" in tried) absent.push(tried);
  else subjects.push(tried);
  const measures: MeasureFigures[] = [];
  for (const measure of chosenMeasures(options)) {
    say(`${measure.name}: ${measure.rounds} rounds of ${subjects.map(({ name }) => name).join(", ")}`);
    const { name, title, unit, rounds } = measure;
    measures.push({ name, title, unit, rounds, figures: await inRounds(measure, subjects, server) });
  }
  folder.remove();
  const named = subjects.map(({ name, what }) => ({ name, what }));
  return { machine: found, loadAtEnd: load(), quick: options.quick, baseline, subjects: named, absent, measures };
}

/** A peer that was compiled for something else is no reason to measure nothing; a subject of ours would be. */
async function triedPeer(peer: Subject, server: ServerProcess): Promise<Subject | Absence> {
  try {
    await oneRound(trial, peer, server);
    return peer;
  } catch (error) {
    return { name: peer.name, reason: `It cannot be run: ${error instanceof Error ? error.message : error}` };
  }
}

/** Progress goes where it is in nobody's way. */
function say(line: string): void {
  console.error(line);
}
