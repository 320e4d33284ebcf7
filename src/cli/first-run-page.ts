/** A first run as a person reads it, from top to bottom. */
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { LogLine } from "../emulator/environment-log.ts";
import { packageRoot } from "../platform/package-root.ts";
import { example, type FirstRun } from "./first-run.ts";
import type { Moment } from "./narrator.ts";
import { ownName } from "./own-name.ts";
import { styled } from "./style.ts";

const { bold, dim, green, red, cyan } = styled;

export function firstRunPage(run: FirstRun): string {
  return [
    ...section("Built", run.built.map(builtLine)),
    ...section(`Execution environment  ${dim(run.paths)}`, timelineLines(run.moments)),
    ...section("Phases", run.phases.map(phaseLine)),
    ...section("Log", run.log.map(logLine)),
    ...section(`Response to ${run.event}`, response(run)),
    ...section("Next", next()),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return [bold(title), ...lines.map((line) => `  ${line}`), ""];
}

function builtLine({ what, from, bytes, tookMs }: FirstRun["built"][number]): string {
  return `${what.padEnd(9)} ${size(bytes).padStart(8)}  ${duration(tookMs).padStart(9)}  ${dim(from)}`;
}

/** What happened, a line each, in columns: when, who, what. */
export function timelineLines(moments: readonly Moment[]): readonly string[] {
  const width = Math.max(...moments.map(({ who }) => who.length));
  return moments.map(({ atMs, who, what }) => {
    const name = who === "environment" ? bold(who.padEnd(width)) : cyan(who.padEnd(width));
    return `${dim(duration(atMs).padStart(9))}  ${name}  ${who === "environment" ? bold(what) : what}`;
  });
}

function phaseLine({ phase, beganMs, endedMs }: FirstRun["phases"][number]): string {
  return `${phase.padEnd(9)} ${duration(endedMs - beganMs).padStart(9)}`;
}

function logLine({ source, name, text }: LogLine): string {
  const who = name ?? source;
  return `${dim(who.padEnd(9))}  ${text.trimEnd().replaceAll("\t", "  ")}`;
}

function response({ response, functionError }: FirstRun): readonly string[] {
  const title = functionError ? red("function error") : green("success");
  return [title, ...JSON.stringify(response, undefined, 2).split("\n")];
}

/** Who has the sources goes on with them; who has not begins a function. */
function next(): readonly string[] {
  const own = ownName();
  const root = packageRoot();
  const folder = join(root, example);
  const inside = relative(process.cwd(), folder);
  const shown = inside.startsWith("..") ? folder : inside;
  return [
    dim("# the same function, your event"),
    `${own} invoke ${shown} --event ${shown}/event.json`,
    dim("# an Invoke API for the AWS CLI and SDKs"),
    `${own} dev ${shown}`,
    ...(existsSync(join(root, "build.mjs"))
      ? [dim("# the layer that goes to AWS, in dist/"), "npm run build"]
      : [dim("# a function, a runtime or an extension of your own"), `${own} new function hello`]),
  ];
}

function duration(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
