import { setTimeout as pause } from "node:timers/promises";
import type { InvokeEvent, ShutdownEvent } from "../../protocol/extension-event.ts";
import type { Extension } from "../extension.ts";
import type { ExtensionsApi, RegisteredFunction } from "../extensions-api.ts";
import type { InboxOptions } from "./inbox.ts";
import { type Deliver, TelemetryOutbox } from "./outbox.ts";
import { subscribeToTelemetry, type Telemetry } from "./subscribe.ts";
import type { SubscriptionOptions } from "./subscription.ts";
import { TimeLimit } from "./time-limit.ts";

/**
 * When records are passed on. "invocation": at the end of each, before the environment may freeze; the caller has the
 * response by then, but the time is billed. `{ everyMs }`: at the first invocation after so long, beside the function.
 * "shutdown": when the environment ends, or half of what may be kept is there. Each of them flushes at the end as well.
 * After a failed attempt they leave the backend alone for half a second, and twice as long after each further one,
 * up to 30 s.
 */
export type FlushStrategy = "invocation" | "shutdown" | { readonly everyMs: number };

export interface TelemetryExtensionOptions extends SubscriptionOptions, InboxOptions {
  /** "invocation" unless told. */
  readonly flush?: FlushStrategy;
  /** One attempt may take so long; 2 s unless told. */
  readonly deliverTimeoutMs?: number;
  /**
   * Passes a batch on; it is tried again, with the same number, until this resolves. `signal` aborts when there is no more
   * time. Do not log here: where the subscription has `extension`, each line would be a record again.
   */
  readonly deliver: Deliver;
  /** Runs before the subscription. */
  readonly onInit?: (about: RegisteredFunction, api: ExtensionsApi) => unknown;
  /** Runs after the last flush. */
  readonly onShutdown?: (event: ShutdownEvent, signal: AbortSignal) => unknown;
}

/** Kept free before the deadline of an invocation: a time-out would be blamed on the function. */
const invokeMarginMs = 200;

/** Between two attempts while the environment ends. */
const retryPauseMs = 50;

/** An extension that collects the telemetry of its environment and passes it on in batches. */
export function telemetryExtension(options: TelemetryExtensionOptions): Extension {
  const { flush: strategy = "invocation", deliverTimeoutMs = 2_000 } = options;
  let telemetry: Telemetry | undefined;
  let outbox: TelemetryOutbox | undefined;
  let lastFlushAt = Date.now();
  const ends = new InvocationEnds();

  const isDue = (): boolean => {
    if (strategy === "invocation") return true;
    if (strategy === "shutdown") return telemetry?.inbox.isHalfFull === true;
    return Date.now() - lastFlushAt >= strategy.everyMs;
  };
  const flush = async (signal: AbortSignal): Promise<void> => {
    lastFlushAt = Date.now();
    await outbox?.flush(signal);
  };

  return {
    events: ["INVOKE", "SHUTDOWN"],

    async onInit(about, api) {
      await options.onInit?.(about, api);
      telemetry = await subscribeToTelemetry(api, options);
      if (!telemetry.supported) console.error("There is no telemetry here, so nothing will be passed on");
      telemetry.onRecord((record) => {
        if (record.type === "platform.runtimeDone") ends.runtimeDone(record.record.requestId);
        if (record.type === "platform.report") ends.reported(record.record.requestId);
      });
      outbox = new TelemetryOutbox(telemetry.inbox, options.deliver, deliverTimeoutMs);
    },

    async onInvoke({ requestId, deadlineMs }: InvokeEvent) {
      if (telemetry?.supported !== true) return;
      ends.begun(requestId);
      if (!isDue() || outbox?.rests) return;
      using limit = new TimeLimit(deadlineMs - invokeMarginMs - Date.now());
      if (strategy === "invocation") await ends.waitForRuntimeDone(requestId, limit.signal);
      await flush(limit.signal);
    },

    async onShutdown(event, signal) {
      // The last records come while the environment ends; half of the time is for waiting, the other half for passing on.
      if (telemetry?.supported === true) {
        using waiting = new TimeLimit((event.deadlineMs - Date.now()) / 2, signal);
        await ends.waitForReports(waiting.signal);
      }
      await flush(signal);
      while (outbox?.isEmpty === false && !signal.aborted) {
        await pause(retryPauseMs);
        await flush(signal);
      }
      telemetry?.close();
      await options.onShutdown?.(event, signal);
    },
  };
}

/** Which invocations have come to which end, as far as the records tell. */
class InvocationEnds {
  readonly #running = new Set<string>();
  readonly #unreported = new Set<string>();
  #changed = Promise.withResolvers<void>();
  /** An API that grants a subscription and sends nothing is waited for once. */
  #comes = true;

  begun(requestId: string): void {
    this.#running.add(requestId);
    this.#unreported.add(requestId);
  }

  runtimeDone(requestId: string): void {
    this.#comes = true;
    this.#running.delete(requestId);
    this.#change();
  }

  reported(requestId: string): void {
    this.#running.delete(requestId);
    this.#unreported.delete(requestId);
    this.#change();
  }

  async waitForRuntimeDone(requestId: string, signal: AbortSignal): Promise<void> {
    const isDone = () => !this.#running.has(requestId);
    await this.#until(() => isDone() || !this.#comes, signal);
    this.#comes &&= isDone();
  }

  waitForReports(signal: AbortSignal): Promise<void> {
    return this.#until(() => this.#unreported.size === 0 || !this.#comes, signal);
  }

  async #until(holds: () => boolean, signal: AbortSignal): Promise<void> {
    const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    while (!holds() && !signal.aborted) await Promise.race([this.#changed.promise, over]);
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
