import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { statusOf, type WireExchange } from "../platform/wire-message.ts";
import type { OpenEmulator } from "./emulator-subject.ts";
import { rawCall, rawRequest } from "./raw-call.ts";

const throttledPauseMs = 20;
const throttledLimitMs = 20_000;

/**
 * Invokes the function as a caller from outside. One who is throttled tries again, as SDKs do: the environment may
 * still be busy with what went before.
 */
export async function invokeFunction(
  { authority, functionName }: OpenEmulator,
  event: Buffer,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<WireExchange> {
  const path = `/2015-03-31/functions/${functionName}/invocations`;
  const typed = { "Content-Type": "application/json", ...headers };
  const request = rawRequest(authority, { method: "POST", path, headers: typed, body: event });
  const giveUpAt = performance.now() + throttledLimitMs;
  for (;;) {
    const exchange = await rawCall(authority, request, signal);
    const throttled = exchange.answer !== undefined && statusOf(exchange.answer) === 429;
    if (!throttled || performance.now() > giveUpAt) return exchange;
    await pause(throttledPauseMs);
  }
}
