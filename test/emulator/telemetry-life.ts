/** The life of an environment with one invocation, for whoever hears of it. */
import type { ReadEvent } from "./telemetry-listener.ts";
import type { TelemetryStage } from "./telemetry-stage.ts";

export const trace = "Root=1-6aa94b2e-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";

/** From Init to the report of the first invocation, which the subscriber hears of when it is thawed. */
export async function life(stage: TelemetryStage, identifier: string, answer = "response"): Promise<void> {
  const { stage: inner } = stage;
  const waiting = await stage.extensionNext("probe", identifier);
  const runtime = await stage.runtimeNext();
  await inner.environment.available();
  const result = inner.invoke("r-1", { traceId: trace, tenantId: "t-1" });
  await runtime.response();
  await waiting.response();
  inner.wrote("runtime", "hello\n");
  const path = `/2018-06-01/runtime/invocation/r-1/${answer}`;
  runtime.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"ok"`);
  await runtime.response();
  await result;
  await stage.runtimeNext();
  await inner.until(() => done(stage, "r-1"));
  inner.wrote("extension:probe", "saw it\n");
  await stage.extensionNext("probe", identifier);
  await inner.environment.available();
  inner.environment.thaw();
}

/** Whether the runtime has asked for more after an invocation. */
function done({ stage }: TelemetryStage, requestId: string): boolean {
  const invocation = stage.environment.state.invocations[requestId];
  return invocation?.at === "answered" && invocation.runtimeDoneAt !== undefined;
}

export function types(events: readonly ReadEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}
