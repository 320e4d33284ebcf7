import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { WireExchange } from "../platform/wire-message.ts";
import type { WireReader } from "../platform/wire-reader.ts";
import { messageReader, type RawRequest } from "./raw-call.ts";
import { HarnessError } from "./verdict.ts";

/** What a puppet's process tells. See fixtures/puppet/puppet.cjs. */
type Told =
  | { readonly type: "started"; readonly api: string }
  | { readonly type: "pong" }
  | { readonly type: "file"; readonly found: boolean }
  | { readonly type: "heard"; readonly connection: number; readonly bytes: string }
  | { readonly type: "failed"; readonly connection: number; readonly reason: string }
  | { readonly type: "closed"; readonly connection: number };

interface Waiting {
  readonly request: RawRequest;
  readonly at: number;
  readonly resolve: (exchange: WireExchange) => void;
}

interface ApiConnection {
  readonly number: number;
  readonly reader: WireReader;
  readonly waiting: Waiting[];
  reason: string;
}

/** A runtime process that an emulator has started and that the suite plays. It sends to the Runtime API what it is told. */
export class Puppet {
  readonly #control: Socket;
  readonly #replies: ((told: Told | undefined) => void)[] = [];
  readonly #gone = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  #api = "";
  #connection: ApiConnection | undefined;
  #connections = 0;
  #line = "";

  constructor(control: Socket) {
    this.#control = control;
    control.setEncoding("utf8");
    control.on("data", (text: string) => this.#read(text));
    control.on("error", () => control.destroy());
    control.on("close", () => this.#end());
  }

  /** Resolves when the process has said who it is. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** `AWS_LAMBDA_RUNTIME_API` as the emulator gave it to the process. */
  get api(): string {
    return this.#api;
  }

  /** Resolves when the process has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Whether the process is there and not frozen; a dead one is found out at once. */
  async alive(): Promise<boolean> {
    return (await this.#ask({ type: "ping" })) !== undefined;
  }

  /** Sends a request on the connection that is kept open, as runtimes do. Resolves however the exchange ends. */
  send(request: RawRequest): Promise<WireExchange> {
    const connection = this.#connection ?? this.#open();
    const { head, fill, tail } = pieces(request);
    return new Promise((resolve) => {
      connection.waiting.push({ request, at: performance.now(), resolve });
      this.#tell({ type: "write", connection: connection.number, head, fill, tail });
    });
  }

  exit(code: number): Promise<void> {
    this.#tell({ type: "exit", code });
    return this.gone;
  }

  /** Writes the file, or looks for it and takes it away; undefined when the process has ended. */
  async file(type: "write-file" | "look-for-file", path: string): Promise<boolean | undefined> {
    const told = await this.#ask({ type, path });
    return told?.type === "file" ? told.found : undefined;
  }

  destroy(): void {
    this.#control.destroy();
  }

  #ask(command: object): Promise<Told | undefined> {
    if (this.#control.destroyed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#replies.push(resolve);
      this.#tell(command);
    });
  }

  #tell(command: object): void {
    if (!this.#control.destroyed) this.#control.write(`${JSON.stringify(command)}\n`);
  }

  #open(): ApiConnection {
    this.#connections += 1;
    const waiting: Waiting[] = [];
    const number = this.#connections;
    const reader = messageReader(
      (answer) => settle(number, waiting.shift(), { answer: { ...answer, at: performance.now() } }),
      (reason) => settle(number, waiting.shift(), { lost: `the answer is no HTTP/1.1: ${reason}` }),
    );
    this.#connection = { number, reader, waiting, reason: "the connection was closed without an answer" };
    return this.#connection;
  }

  #read(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    // as: only our own program writes here; `#hear` refuses what it does not know.
    for (const line of lines) this.#hear(JSON.parse(line) as Told);
  }

  #hear(told: Told): void {
    const connection = this.#connection;
    switch (told.type) {
      case "started":
        this.#api = told.api;
        return this.#started.resolve();
      case "pong":
      case "file":
        return this.#replies.shift()?.(told);
      case "heard":
        if (connection?.number === told.connection) connection.reader.push(Buffer.from(told.bytes, "base64"));
        return;
      case "failed":
        if (connection?.number === told.connection) connection.reason = `the connection was lost: ${told.reason}`;
        return;
      case "closed":
        if (connection?.number === told.connection) this.#close(connection);
        return;
      default:
        throw new HarnessError(`A puppet said what it cannot say: ${JSON.stringify(told)}`);
    }
  }

  #close(connection: ApiConnection): void {
    this.#connection = undefined;
    connection.reader.close();
    for (const waiting of connection.waiting.splice(0)) settle(connection.number, waiting, { lost: connection.reason });
  }

  #end(): void {
    for (const reply of this.#replies.splice(0)) reply(undefined);
    const connection = this.#connection;
    if (connection !== undefined) this.#close({ ...connection, reason: "the runtime's process ended" });
    this.#gone.resolve();
  }
}

function settle(
  connection: number,
  waiting: Waiting | undefined,
  end: Pick<WireExchange, "answer"> | Pick<WireExchange, "lost">,
): void {
  if (waiting === undefined) return;
  const { request, at, resolve } = waiting;
  resolve({ connection, at, request, sentAt: at, ...end });
}

/** A large body of one letter is named by its length. See `BodyLiteral`. */
function pieces({ head, body }: RawRequest) {
  const start = Buffer.from(`${head}\r\n\r\n`, "latin1");
  const fill = Math.max(0, body.length - 2);
  const filled = body.length > 65_536 && body.subarray(1, -1).equals(Buffer.alloc(fill, "a"));
  if (!filled) return { head: Buffer.concat([start, body]).toString("base64"), fill: 0, tail: "" };
  return {
    head: Buffer.concat([start, body.subarray(0, 1)]).toString("base64"),
    fill,
    tail: body.subarray(-1).toString("base64"),
  };
}
