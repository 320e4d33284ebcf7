/** `npm run bench`: the compiled bootstrap beside the same program as a script, the official client and the floor. */
import { spawnSync } from "node:child_process";
import { temporaryFolder } from "../src/platform/temporary-folder.ts";
import { benchCold } from "./cold/main.ts";
import { load, machine } from "./machine.ts";
import { chosenMeasures, kinds, trial } from "./measures.ts";
import { help, OptionError, type Options, parseOptions } from "./options.ts";
import { baseline, peerSubjects } from "./peers.ts";
import { jsonReport, type MeasureFigures, type Report, textReport } from "./report.ts";
import { inRounds, oneRound } from "./rounds.ts";
import { scale } from "./scale/main.ts";
import { ServerProcess } from "./server-process.ts";
import { type Absence, builtFunctions, ourSubjects, type Subject, takesPart } from "./subjects.ts";

// An interrupted run leaves nothing behind: the folder, a hundred megabytes, goes when the process exits. Every time,
// since a terminal and whoever started this both say so, and the second must not cut the first one short.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
try {
  const args = process.argv.slice(2);
  if (args[0] === "scale") await scale(args.slice(1));
  else if (args[0] === "cold") await benchCold(args.slice(1));
  else await compare(args);
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}

async function compare(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === undefined) console.log(help);
  else console.log((options.json ? jsonReport : textReport)(await report(options)));
}

async function report(options: Options): Promise<Report> {
  const folder = temporaryFolder("bootlace-bench-");
  const { ours, peers, absent } = await cast(options, folder.path);
  // After all that was built and installed, whose load is not the measurement's.
  const found = machine();
  using server = new ServerProcess(found.pinnedTo);
  for (const subject of ours) await oneRound(trial, subject, server);
  const subjects = [...ours];
  for (const peer of peers) {
    const tried = await triedPeer(peer, server);
    if ("reason" in tried) absent.push(tried);
    else subjects.push(tried);
  }
  const measures: MeasureFigures[] = [];
  for (const measure of chosenMeasures(options)) {
    const asked = subjects.filter((subject) => takesPart(subject, measure.kind));
    const obstacle = asked.length === 0 ? "nobody takes part" : measure.kind === "calls" ? noCallCount() : undefined;
    if (obstacle !== undefined) {
      absent.push({ name: measure.name, reason: obstacle });
      continue;
    }
    say(`${measure.name}: ${measure.rounds} rounds of ${asked.map(({ name }) => name).join(", ")}`);
    const { name, title, unit, rounds } = measure;
    measures.push({ name, title, unit, rounds, ...(await inRounds(measure, asked, server)) });
  }
  folder.remove();
  const named = subjects.map(({ name, what }) => ({ name, what }));
  return { machine: found, loadAtEnd: load(), quick: options.quick, baseline, subjects: named, absent, measures };
}

/** Builds whoever can be asked what was asked for. */
async function cast(options: Options, folder: string) {
  const absent: Absence[] = [];
  const wanted = options.peers && (options.only === undefined || options.only === "first-answer");
  const real = wanted ? await builtFunctions(folder, say) : undefined;
  if (real !== undefined && "reason" in real) absent.push(real);
  const functions = real === undefined || "reason" in real ? undefined : real;
  const isAsked = (subject: Subject) =>
    kinds.some((kind) => (options.only ?? kind) === kind && takesPart(subject, kind));
  const ours = (await ourSubjects(folder, functions)).filter(isAsked);
  const peers: Subject[] = [];
  if (!options.peers) absent.push({ name: baseline, reason: "left out with --without-peers" });
  for (const peer of options.peers ? await peerSubjects(folder, functions, say) : [])
    if ("reason" in peer) absent.push(peer);
    else if (isAsked(peer)) peers.push(peer);
  return { ours, peers, absent };
}

/** Why system calls cannot be counted here, if they cannot. */
function noCallCount(): string | undefined {
  const { status, error, stderr } = spawnSync("strace", ["-c", "true"], { encoding: "utf8" });
  if (status === 0) return undefined;
  return `strace does not work here: ${error?.message ?? stderr.trim().split("\n")[0]}`;
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
