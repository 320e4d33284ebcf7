import type { Socket } from "node:net";
import type { TelemetryDestination } from "../../protocol/telemetry.ts";
import { HttpSender } from "./http-sender.ts";
import { TcpSender } from "./tcp-sender.ts";

/** Carries batches of events, as JSON texts, to one destination. */
export interface BatchSender {
  /** Resolves with whether the destination took the batch; it never rejects. Whoever aborts does not wait for it. */
  send(events: readonly string[], aborted: AbortSignal): Promise<boolean>;
  close(): void;
}

/** Opens a connection to a port inside the environment. */
export type Dial = (port: number) => Socket;

export function senderTo(destination: TelemetryDestination, dial: Dial): BatchSender {
  return destination.protocol === "HTTP" ? new HttpSender(destination, dial) : new TcpSender(destination.port, dial);
}
