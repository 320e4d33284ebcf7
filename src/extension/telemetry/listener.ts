import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { type TelemetryRecord, telemetryRecordOf } from "./record.ts";

/** What came in one delivery. */
export interface TelemetryDelivery {
  /** Of HTTP: the same for the same content, so a delivery that is repeated can be told. */
  readonly sequenceId?: string;
  readonly records: readonly TelemetryRecord[];
}

export interface TelemetryListener {
  readonly port: number;
  close(): void;
}

/** Lambda sends to this name, inside the environment alone; elsewhere nobody but this machine is listened to. */
const hosts = ["sandbox.localdomain", "127.0.0.1"] as const;

/** The port is the machine's choice, which is never 9001: that one is Lambda's. */
const anyPort = 0;

/**
 * Listens for telemetry. A delivery is acknowledged when it is read, before anybody looks at it: whoever lets Lambda wait is
 * sent less. `heard` must not throw.
 */
export async function listenForTelemetry(
  protocol: "HTTP" | "TCP",
  heard: (delivery: TelemetryDelivery) => void,
): Promise<TelemetryListener> {
  const server = protocol === "HTTP" ? httpServer(heard) : tcpServer(heard);
  await listen(server);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, close: () => server.close() };
}

async function listen(server: Server): Promise<void> {
  for (const host of hosts) {
    try {
      server.listen(anyPort, host);
      await once(server, "listening");
      return;
    } catch (error) {
      // The name is known in an execution environment alone.
      if (host === hosts.at(-1)) throw error;
    }
  }
}

function httpServer(heard: (delivery: TelemetryDelivery) => void): Server {
  return createHttpServer(async (request, response) => {
    try {
      const body = await bodyOf(request);
      const records = recordsIn(body);
      response.writeHead(records === undefined ? 400 : 200).end();
      const sequenceId = request.headers["sequence-id"];
      if (records !== undefined) heard({ records, ...(typeof sequenceId === "string" ? { sequenceId } : {}) });
    } catch {
      response.destroy();
    }
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function recordsIn(body: string): readonly TelemetryRecord[] | undefined {
  const value = json(body);
  return Array.isArray(value) ? value.flatMap((event) => telemetryRecordOf(event) ?? []) : undefined;
}

/** One event a line, and no word about which delivery it belongs to. */
function tcpServer(heard: (delivery: TelemetryDelivery) => void): Server {
  return createTcpServer((socket) => {
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (line) => {
      const record = telemetryRecordOf(json(line));
      if (record !== undefined) heard({ records: [record] });
    });
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
