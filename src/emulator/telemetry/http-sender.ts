import { createHash } from "node:crypto";
import { Agent, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { type TelemetryDestination, telemetryUserAgent } from "../../protocol/telemetry.ts";
import type { BatchSender, Dial } from "./batch-sender.ts";

/** More of an answer is not read: it says nothing that matters. */
const answerBytesMax = 65_536;

/** Sends each batch as a JSON array. It is taken when the answer begins with a 2xx, whatever follows. */
export class HttpSender implements BatchSender {
  readonly #destination: TelemetryDestination & { protocol: "HTTP" };
  readonly #agent: Agent;
  #answer: IncomingMessage | undefined;

  constructor(destination: TelemetryDestination & { protocol: "HTTP" }, dial: Dial) {
    this.#destination = destination;
    this.#agent = new DialingAgent(() => dial(destination.port));
  }

  send(events: readonly string[], aborted: AbortSignal): Promise<boolean> {
    const { method, path, port } = this.#destination;
    const body = Buffer.from(`[${events.join(",")}]`);
    // An answer that has not ended by now would hold its connection for ever.
    if (this.#answer?.complete === false) this.#answer.destroy();
    return new Promise((resolve) => {
      const sent = request({
        method,
        path,
        agent: this.#agent,
        signal: aborted,
        setHost: false,
        headers: {
          "content-type": "application/json",
          "sequence-id": sequenceId(body),
          connection: "keep-alive",
          "user-agent": telemetryUserAgent,
          host: `127.0.0.1:${port}`,
          "content-length": String(body.length),
        },
      });
      sent.on("error", () => resolve(false));
      sent.on("response", (answer) => {
        this.#answer = answer;
        drain(answer);
        const { statusCode = 500 } = answer;
        resolve(statusCode >= 200 && statusCode < 300);
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

class DialingAgent extends Agent {
  readonly #dial: () => Duplex;

  constructor(dial: () => Duplex) {
    super({ keepAlive: true });
    this.#dial = dial;
  }

  override createConnection(): Duplex {
    return this.#dial();
  }
}

/** The same for the same batch, so that a subscriber may notice one that comes twice. Seen in real deliveries. */
function sequenceId(body: Buffer): string {
  return createHash("sha256").update(body).digest("base64").replace("=", "");
}

function drain(answer: IncomingMessage): void {
  let size = 0;
  answer.on("error", () => {});
  answer.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > answerBytesMax) answer.destroy();
  });
}
