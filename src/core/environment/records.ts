/** Platform records that several steps write. */
import type { Effect } from "./effect.ts";
import type { Environment } from "./model.ts";
import { extensionStateName } from "./views.ts";

/** One `platform.extension` record each, as they stand when Init ends. */
export function extensionRecords(environment: Environment): readonly Effect[] {
  return Object.entries(environment.extensions).map(([name, extension]): Effect => {
    const events = extension.at === "launched" || extension.at === "exited" ? [] : extension.events;
    const state = extensionStateName(extension);
    const failed = extension.at === "init-error" || extension.at === "exit-error";
    const failure = failed ? { errorType: extension.errorType } : {};
    return { type: "record", record: { type: "platform.extension", name, state, events, ...failure } };
  });
}
