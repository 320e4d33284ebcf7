import { of } from "../mutant.ts";

export const telemetrySubscribingMutants = of("telemetry/subscribing.ts", [
  ["subscriptions are never closed", 'environment.phase.at === "init" ?', "environment.phase.at !== undefined ?"],
  [
    "whoever has another's identifier listens",
    "if (found === undefined || found[0] !== name) return false;",
    "if (found === undefined) return false;",
  ],
  ["a thread listens without its process", 'found[1].kind === "external" || !alone', "true"],
  ["a process listens no longer than the runtime", 'found[1].kind === "external" || !alone', "!alone"],
  [
    "a thread needs a runtime before there is one",
    'environment.phase.at === "shutdown" && environment.runtime.at',
    "environment.runtime.at",
  ],
]);
