import { connect, type Socket } from "node:net";

/** One response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** Lines after the status line, in order, with the name's spelling; the date's value is left out. */
  readonly lines: readonly string[];
  readonly body: Buffer;
}

/** A client that writes whatever bytes a test wants and reads responses with a length. */
export class RawClient {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** The next response; undefined when the server has closed the connection without one. */
  async response(): Promise<RawResponse | undefined> {
    while (true) {
      const parsed = firstResponse(this.#bytes);
      if (parsed !== undefined) {
        this.#bytes = this.#bytes.subarray(parsed.length);
        return parsed.response;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Status and body of the next response, for those who care for nothing else. */
  async answer(): Promise<string> {
    const response = await this.response();
    return response === undefined ? "closed" : `${response.status} ${response.body}`;
  }

  /** Resolves when the server has let go of the connection. */
  async closed(): Promise<void> {
    while (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

export async function rawClient(address: string): Promise<RawClient> {
  const at = address.lastIndexOf(":");
  const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)), noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new RawClient(socket);
}

/** A whole request on a connection of its own. */
export async function exchange(address: string, bytes: string | Buffer): Promise<RawResponse> {
  using client = await rawClient(address);
  const response = await client.write(bytes).response();
  if (response === undefined) throw new Error("The server closed the connection without a response");
  return response;
}

/** The bytes of a request with a length. */
export function request(
  line: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): Buffer {
  const bytes = Buffer.from(body);
  const length = line.startsWith("GET") && bytes.length === 0 ? {} : { "Content-Length": String(bytes.length) };
  const lines = Object.entries({ Host: "127.0.0.1", ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1"), bytes]);
}

function firstResponse(bytes: Buffer): { response: RawResponse; length: number } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = Number(statusLine.split(" ")[1]);
  const header = lines.find((line) => /^content-length:/i.test(line));
  const length = end + 4 + (status === 100 || header === undefined ? 0 : Number(header.split(":")[1]));
  if (bytes.length < length) return undefined;
  const plain = lines.map((line) => line.replace(/^Date: .*/, "Date"));
  return { response: { status, lines: plain, body: Buffer.from(bytes.subarray(end + 4, length)) }, length };
}
