import type { LogLine } from "../../emulator/environment-log.ts";
import type { JournalFault } from "../../emulator/journal.ts";
import type { NetworkMode } from "../../emulator/supervisor/confinement.ts";
import type { NotEnforced } from "../../emulator/supervisor/enforcement.ts";
import type { LostWork } from "../../emulator/supervisor/lost-work.ts";
import { paths } from "../../protocol/paths.ts";
import { faultLine, lostWorkLine } from "../narrator.ts";
import { styled } from "../style.ts";

/** What "bootlace dev" has to say, for a person or, with `--json`, as a line of JSON each. */
export type Announcement =
  | Ready
  | { readonly type: "log"; readonly line: LogLine }
  | { readonly type: "fault"; readonly fault: JournalFault["fault"] }
  | { readonly type: "lost-work"; readonly lost: readonly LostWork[] }
  | { readonly type: "reloaded"; readonly files: readonly string[]; readonly tookMs: number }
  | { readonly type: "reload-failed"; readonly files: readonly string[]; readonly message: string };

export interface Ready {
  readonly type: "ready";
  readonly functionName: string;
  readonly region: string;
  /** `host:port` of the Lambda API. */
  readonly address: string;
  /** `host:port` of the function URL. */
  readonly functionUrl?: string | undefined;
  /** `host:port` at which a debugger finds the function. */
  readonly debugger?: string | undefined;
  readonly network: NetworkMode;
  /** How the function is confined, a line each, and what of it this machine cannot keep. */
  readonly notes: readonly string[];
  readonly notEnforced: readonly NotEnforced[];
  /** What is watched, and whether a change is built. */
  readonly watched?: { readonly paths: readonly string[]; readonly built: boolean } | undefined;
}

export type Announce = (announcement: Announcement) => void;

export function announcer(json: boolean): Announce {
  if (!json) return (announcement) => console.log(words(announcement));
  return (announcement) => {
    const lines = announcement.type === "ready" ? { curl: curlLine(announcement), aws: awsLine(announcement) } : {};
    console.log(JSON.stringify({ ...announcement, ...lines }));
  };
}

function words(announcement: Announcement): string {
  switch (announcement.type) {
    case "ready":
      return welcome(announcement);
    case "log":
      return announcement.line.text;
    case "fault":
      return faultLine(announcement.fault);
    case "lost-work":
      return announcement.lost.map(lostWorkLine).join("\n");
    case "reloaded":
      return styled.dim(
        `${changed(announcement)}: the next invocation starts it (${Math.round(announcement.tookMs)} ms)`,
      );
    case "reload-failed":
      return `${styled.red(changed(announcement))}, and cannot be taken over: ${announcement.message}\nThe version before goes on.`;
  }
}

function welcome(ready: Ready): string {
  const { functionName, address, functionUrl, notes, watched } = ready;
  return [
    `Function "${functionName}" answers at http://${address}`,
    ...notes,
    `  ${curlLine(ready)}`,
    `  ${awsLine(ready)}`,
    ...(functionUrl === undefined ? [] : [`Function URL: http://${functionUrl}/`]),
    ...(ready.debugger === undefined
      ? []
      : [
          `Debugger: ${ready.debugger}, from the first invocation on; nothing times out and nothing is frozen meanwhile`,
        ]),
    ...(watched === undefined
      ? []
      : [
          `Watching ${watched.paths.join(", ")}: a change is ${watched.built ? "built and " : ""}taken over by the next invocation`,
        ]),
    "Ctrl-C shuts it down",
  ].join("\n");
}

function curlLine({ functionName, address }: Ready): string {
  return `curl -d '{}' http://${address}${paths.invoke(functionName)}`;
}

function awsLine({ functionName, region, address }: Ready): string {
  return `aws lambda invoke --endpoint-url http://${address} --region ${region} --no-sign-request --function-name ${functionName} /dev/stdout`;
}

function changed({ files }: { readonly files: readonly string[] }): string {
  const [first = "Something", ...more] = files;
  return more.length === 0 ? `${first} changed` : `${first} and ${more.length} more changed`;
}
