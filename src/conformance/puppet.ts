import type { Socket } from "node:net";
import { performance } from "node:perf_hooks";
import type { WireExchange } from "../platform/wire-message.ts";
import { within } from "./patience.ts";
import { PuppetConnection } from "./puppet-connection.ts";
import { PuppetListener } from "./puppet-listener.ts";
import type { RawRequest } from "./raw-call.ts";
import { HarnessError } from "./verdict.ts";

/** A signal that a puppet has told of. Monotonic milliseconds. */
export interface NotedSignal {
  readonly name: string;
  readonly at: number;
}

const processEnded = "its process had ended";

/**
 * A process that an emulator has started and that the suite plays: the runtime, or an extension. It sends to the APIs of
 * its environment what it is told. See fixtures/puppet/puppet.cjs for its language.
 */
export class Puppet {
  readonly #control: Socket;
  readonly #replies: ((words: readonly string[] | undefined) => void)[] = [];
  readonly #gone = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  readonly #labels = new Map<string, PuppetConnection>();
  readonly #connections = new Map<number, PuppetConnection>();
  readonly #writes = new Map<number, number>();
  readonly signals: NotedSignal[] = [];
  readonly listeners = new Map<string, PuppetListener>();
  #role = "";
  #api = "";
  #variables: ReadonlyMap<string, string> = new Map();
  #line = "";
  #goneAt: number | undefined;

  constructor(control: Socket) {
    this.#control = control;
    control.setEncoding("latin1");
    control.on("data", (text: string) => this.#read(text));
    control.on("error", () => control.destroy());
    control.on("close", () => this.#end());
  }

  /** Resolves when the process has said who it is. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** `runtime`, or the name of the extension's file. */
  get role(): string {
    return this.#role;
  }

  /** `AWS_LAMBDA_RUNTIME_API` as the emulator gave it to the process. */
  get api(): string {
    return this.#api;
  }

  get variables(): ReadonlyMap<string, string> {
    return this.#variables;
  }

  /** Resolves when the process has ended. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get goneAt(): number | undefined {
    return this.#goneAt;
  }

  /** Whether the process is there and not frozen; a dead one is found out at once. */
  async alive(): Promise<boolean> {
    return (await this.#ask("ping")) !== undefined;
  }

  /** Makes sure that the connection of this name is there, so that what is sent on it is sent at once. */
  async open(label: string): Promise<void> {
    await this.#connection(label).opened;
  }

  /** Sends bytes on the connection of this name, which is kept open, as runtimes do. */
  write(label: string, bytes: Buffer, fill = 0, tail: Buffer = Buffer.alloc(0)): Promise<void> {
    const connection = this.#connection(label);
    const count = (this.#writes.get(connection.number) ?? 0) + 1;
    this.#writes.set(connection.number, count);
    this.#tell("write", connection.number, bytes.toString("base64"), fill, tail.toString("base64"));
    return connection.written(count);
  }

  /** Sends a request. Resolves however the exchange ends. */
  send(label: string, request: RawRequest): Promise<WireExchange> {
    const exchange = this.#connection(label).expect(request);
    const { head, fill, tail } = pieces(request);
    void this.write(label, head, fill, tail);
    return exchange;
  }

  /** Sends bytes as they are; `shown` stands for them where they are told of. */
  sendRaw(label: string, shown: RawRequest, head: Buffer, fill: number, tail: Buffer): Promise<WireExchange> {
    const exchange = this.#connection(label).expect(shown);
    void this.write(label, head, fill, tail);
    return exchange;
  }

  /** As `send`, with a body that waits for `100 Continue`, or for so long. */
  sendWhenContinued(label: string, request: RawRequest, patienceMs: number): Promise<WireExchange> {
    const connection = this.#connection(label);
    const exchange = connection.expect(request);
    void this.write(label, Buffer.from(`${request.head}\r\n\r\n`, "latin1"));
    const asked = within(patienceMs, new AbortController().signal, connection.continued());
    void asked.then(() => this.write(label, request.body));
    return exchange;
  }

  /** Closes the connection when what was written has gone out, or as soon as something is heard on it. */
  disconnect(label: string, when: "now" | "heard"): void {
    const connection = this.#labels.get(label);
    if (connection === undefined) return;
    this.#labels.delete(label);
    this.#tell(when === "now" ? "close" : "close-when-heard", connection.number);
  }

  /** Listens for telemetry under this name, and refuses so many requests first. Resolves to the port. */
  async listen(name: string, protocol: "HTTP" | "TCP", refused: number): Promise<number> {
    const listener = new PuppetListener();
    this.listeners.set(name, listener);
    this.#tell("listen", encodeURIComponent(name), protocol, refused);
    return listener.port;
  }

  /** Holds back what the puppet is told until `uncork`, so that it hears all of it at once. */
  cork(): void {
    this.#control.cork();
  }

  uncork(): void {
    this.#control.uncork();
  }

  exit(code: number): Promise<void> {
    this.#tell("exit", code);
    return this.gone;
  }

  kill(): Promise<void> {
    this.#tell("kill");
    return this.gone;
  }

  async ignoreSigterm(): Promise<void> {
    await this.#ask("ignore-sigterm");
  }

  async print(to: "stdout" | "stderr", text: string): Promise<void> {
    await this.#ask("print", to, Buffer.from(text).toString("base64"));
  }

  /** Writes the file, or looks for it and takes it away; undefined when the process has ended. */
  async file(command: "write-file" | "look-for-file", path: string): Promise<boolean | undefined> {
    const words = await this.#ask(command, path);
    return words === undefined ? undefined : words[0] === "1";
  }

  destroy(): void {
    this.#control.destroy();
  }

  #ask(...command: readonly (string | number)[]): Promise<readonly string[] | undefined> {
    if (this.#control.destroyed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#replies.push(resolve);
      this.#tell(...command);
    });
  }

  #tell(...command: readonly (string | number)[]): void {
    if (!this.#control.destroyed) this.#control.write(`${command.join(" ")}\n`);
  }

  #connection(label: string): PuppetConnection {
    const known = this.#labels.get(label);
    if (known !== undefined) return known;
    const connection = new PuppetConnection(this.#connections.size + 1);
    if (this.#goneAt !== undefined) {
      connection.close(processEnded);
      return connection;
    }
    this.#labels.set(label, connection);
    this.#connections.set(connection.number, connection);
    this.#tell("open", connection.number);
    return connection;
  }

  #read(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    for (const line of lines) this.#hear(line.split(" "));
  }

  #hear([news = "", first = "", ...more]: readonly string[]): void {
    const connection = this.#connections.get(Number(first));
    const text = () => Buffer.from(more[0] ?? "", "base64").toString();
    switch (news) {
      case "started":
        return this.#begin(first, more);
      case "pong":
      case "file":
        return this.#replies.shift()?.([first, ...more]);
      case "signal":
        this.signals.push({ name: first, at: performance.now() });
        return;
      case "listening":
        return this.listeners.get(decodeURIComponent(first))?.listens(Number(more[0]));
      case "told":
        return this.listeners.get(decodeURIComponent(first))?.hear(Number(more[0]), more.slice(1));
      case "opened":
        return connection?.open();
      case "wrote":
        return connection?.wrote();
      case "heard":
        return connection?.hear(Buffer.from(more[0] ?? "", "base64"));
      case "failed":
        return connection?.fail(text());
      case "closed":
        return this.#close(connection);
      default:
        throw new HarnessError(`A puppet said what it cannot say: ${[news, first, ...more].join(" ").slice(0, 200)}`);
    }
  }

  #begin(role: string, [api = "", variables = ""]: readonly string[]): void {
    this.#role = role;
    this.#api = Buffer.from(api, "base64").toString();
    const entries = Buffer.from(variables, "base64").toString().split("\0");
    this.#variables = new Map(entries.map((entry) => [entry.split("=")[0] ?? "", entry.replace(/^[^=]*=/, "")]));
    this.#started.resolve();
  }

  #close(connection: PuppetConnection | undefined): void {
    if (connection === undefined) return;
    for (const [label, known] of this.#labels) if (known === connection) this.#labels.delete(label);
    connection.close();
  }

  #end(): void {
    this.#goneAt = performance.now();
    for (const reply of this.#replies.splice(0)) reply(undefined);
    for (const connection of this.#connections.values()) connection.close(processEnded);
    this.#labels.clear();
    this.#gone.resolve();
  }
}

/** A large body of one letter is named by its length. See `BodyLiteral`. */
function pieces({ head, body }: RawRequest): { readonly head: Buffer; readonly fill: number; readonly tail: Buffer } {
  const start = Buffer.from(`${head}\r\n\r\n`, "latin1");
  const fill = Math.max(0, body.length - 2);
  const filled = body.length > 65_536 && body.subarray(1, -1).equals(Buffer.alloc(fill, "a"));
  if (!filled) return { head: Buffer.concat([start, body]), fill: 0, tail: Buffer.alloc(0) };
  return { head: Buffer.concat([start, body.subarray(0, 1)]), fill, tail: body.subarray(-1) };
}
