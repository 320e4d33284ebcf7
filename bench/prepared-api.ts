import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

const crlf2 = "\r\n\r\n";
const chunked = /\r\ntransfer-encoding: *chunked\r\n/i;
const lastChunk = "\r\n0\r\n\r\n";
const accepted = Buffer.from("HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");

/** Written into the prepared head before each event: as long as real ids, and unlike the one before. */
const requestIdLength = 36;

interface PreparedApiOptions {
  /** A response of any length is right. */
  readonly anyAnswer: boolean;
  /** A response has been read. */
  onAnswer(): void;
  /** A runtime waits for an event: `send` is what it waits for. */
  onNext(): void;
  /** A runtime did what makes figures worthless. */
  onFault(message: string): void;
}

/**
 * A Runtime API that costs next to nothing: bytes made beforehand over plain sockets. It checks only that each
 * response belongs to the event in hand and, where its length is announced, is as long as that was.
 */
export class PreparedApi {
  readonly #server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  readonly #options: PreparedApiOptions;
  readonly #body: Buffer;
  readonly #head: Buffer;
  readonly #requestIdAt: number;
  readonly #sockets = new Set<Socket>();
  #requestId = "";
  #count = 0;
  #waiting: Socket | undefined;

  constructor(event: Buffer, options: PreparedApiOptions) {
    this.#options = options;
    this.#body = event;
    const id = "0".repeat(requestIdLength);
    this.#head = Buffer.from(headOf(id, event.length));
    this.#requestIdAt = this.#head.indexOf(id);
  }

  /** Resolves to `host:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    // as: a TCP server that listens has an address with a port.
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Answers the `next` that waits. */
  send(): void {
    this.#count += 1;
    this.#requestId = `8476a536-e9f4-11e8-9739-${String(this.#count).padStart(12, "0")}`;
    // In place: a runtime that asks for the next event has read the one before.
    this.#head.write(this.#requestId, this.#requestIdAt, "latin1");
    const socket = this.#waiting;
    this.#waiting = undefined;
    socket?.cork();
    socket?.write(this.#head);
    socket?.write(this.#body);
    socket?.uncork();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket): void {
    let early = "";
    let bodyLeft = 0;
    let inChunks = false;
    this.#sockets.add(socket);
    // A runtime is killed in the end, and that may reset its connection.
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      let at = 0;
      while (at < bytes.length) {
        if (inChunks) {
          // Nothing follows the last chunk until it is answered, and these events do not hold its bytes.
          early = (early + bytes.toString("latin1", at)).slice(-lastChunk.length);
          inChunks = early !== lastChunk;
          at = bytes.length;
          if (inChunks) continue;
          early = "";
          this.#answered(socket);
        } else if (bodyLeft === 0) {
          const end = bytes.indexOf(crlf2, at, "latin1");
          early += bytes.toString("latin1", at, end < 0 ? bytes.length : end + crlf2.length);
          if (end < 0) return;
          at = end + crlf2.length;
          bodyLeft = this.#takeHead(socket, early);
          inChunks = chunked.test(early);
          early = "";
        } else {
          const taken = Math.min(bodyLeft, bytes.length - at);
          at += taken;
          bodyLeft -= taken;
          if (bodyLeft === 0) this.#answered(socket);
        }
      }
    });
  }

  #answered(socket: Socket): void {
    this.#options.onAnswer();
    socket.write(accepted);
  }

  /** Returns the length of the body that follows. */
  #takeHead(socket: Socket, head: string): number {
    if (head.startsWith("GET /2018-06-01/runtime/invocation/next ")) {
      this.#waiting = socket;
      this.#options.onNext();
      return 0;
    }
    const announced = !chunked.test(head);
    const length = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? (announced ? Number.NaN : 0));
    if (!head.startsWith(`POST /2018-06-01/runtime/invocation/${this.#requestId}/response `))
      this.#options.onFault(`It sent "${head.split("\r\n", 1)[0]}", which is no response to the invocation in hand`);
    else if (announced && length !== this.#body.length && !this.#options.anyAnswer)
      this.#options.onFault(`It answered ${length} bytes to an event of ${this.#body.length}`);
    return length;
  }
}

/** The headers that Lambda sends with every event. */
function headOf(requestId: string, length: number): string {
  const lines = [
    "HTTP/1.1 200 OK",
    "Content-Type: application/json",
    `Lambda-Runtime-Aws-Request-Id: ${requestId}`,
    `Lambda-Runtime-Deadline-Ms: ${Date.now() + 900_000}`,
    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench",
    "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
    `Content-Length: ${length}`,
  ];
  return lines.join("\r\n") + crlf2;
}
