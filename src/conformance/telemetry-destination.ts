/** Where an extension wants its telemetry, and how a batch gets there. */
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export type TelemetryDestination =
  | { readonly protocol: "HTTP"; readonly port: number; readonly path: string; readonly method: "POST" | "PUT" }
  | { readonly protocol: "TCP"; readonly port: number };

/** As the subscription has it; undefined where it has none that anybody could reach. */
export function destinationOf(subscription: Buffer): TelemetryDestination | undefined {
  const destination = fieldsOf(fieldsOf(jsonOf(subscription)).destination);
  if (destination.protocol === "TCP" && typeof destination.port === "number")
    return { protocol: "TCP", port: destination.port };
  const { URI: uri, method } = destination;
  if (typeof uri !== "string" || !URL.canParse(uri)) return undefined;
  const { port, pathname } = new URL(uri);
  return { protocol: "HTTP", port: Number(port || 80), path: pathname, method: method === "PUT" ? "PUT" : "POST" };
}

/** Whether a connection to it is accepted now. */
export async function listensAt({ port }: TelemetryDestination): Promise<boolean> {
  const socket = connect({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Batch {
  /** JSON texts, one for each event. */
  readonly events: readonly string[];
  readonly sequenceId: string;
  readonly pieces: number;
}

/** Sends the batch as Lambda does. Resolves with why it was not taken, or with nothing. */
export async function deliver(to: TelemetryDestination, batch: Batch, limitMs: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    return to.protocol === "HTTP" ? await post(to, batch, signal) : await write(to, batch, signal);
  } catch (error) {
    if (signal.aborted) return `it took more than ${limitMs} ms`;
    return error instanceof Error ? error.message : String(error);
  }
}

async function post(
  { port, path, method }: TelemetryDestination & { protocol: "HTTP" },
  { events, sequenceId }: Batch,
  signal: AbortSignal,
): Promise<string | undefined> {
  const body = Buffer.from(`[${events.join(",")}]`);
  const sent = request({
    host: "127.0.0.1",
    port,
    path,
    method,
    signal,
    agent: false,
    headers: {
      host: `sandbox.localdomain:${port}`,
      "user-agent": "awslambda-worker/1.0",
      "content-type": "application/json",
      "sequence-id": sequenceId,
      "content-length": body.length,
    },
  });
  sent.end(body);
  const [response] = await once(sent, "response", { signal });
  for await (const _ of response);
  const status: number = response.statusCode;
  return status >= 200 && status < 300 ? undefined : `it was answered with ${status}`;
}

/** One event to a line. Nobody answers over TCP, so what was written counts as taken while the connection stands. */
async function write(
  { port }: TelemetryDestination & { protocol: "TCP" },
  { events, pieces }: Batch,
  signal: AbortSignal,
): Promise<string | undefined> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let broken: Error | undefined;
  socket.on("error", (error) => (broken = error));
  try {
    await once(socket, "connect", { signal });
    const bytes = Buffer.from(events.map((event) => `${event}\n`).join(""));
    const size = Math.ceil(bytes.length / pieces);
    for (let at = 0; at < bytes.length; at += size) {
      if (at > 0) await pause(20, undefined, { signal });
      if (!socket.write(bytes.subarray(at, at + size))) await once(socket, "drain", { signal });
    }
    // Half of a connection that is refused in the end is seen a moment later.
    await pause(50, undefined, { signal });
    if (broken !== undefined) return broken.message;
    return socket.destroyed || socket.readableEnded ? "it closed the connection" : undefined;
  } finally {
    socket.destroy();
  }
}

/** The fields of an object; none where it is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
