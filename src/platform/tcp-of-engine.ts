import { getSystemErrorName } from "node:util";
import type { HttpPiece } from "./http-message.ts";
import { type OpenTcp, type TcpAddress, type TcpConnection, type TcpListener, tcpInput } from "./tcp.ts";

/** The engines of the layers, with which this file is tested. */
const testedEngines = /^v(?:24|26)\./;

/** What a read gives when the other side has ended. */
const endOfFile = -4095;

/**
 * What `node:net` itself stands on, for addresses of IPv4. Node promises nothing about it, so it is undefined on any
 * engine but those that were tested, and where somebody wants to hear of what Node may do away with. To load
 * `node:net` and its streams takes a tenth of a start, and to go through them some microseconds of each invocation.
 */
export function tcpOfEngine(): OpenTcp | undefined {
  if (!testedEngines.test(process.version) || tellsOfDeprecations()) return undefined;
  binding ??= loadBinding();
  const found = binding;
  return found && ((address, listener) => new EngineTcp(found, address, listener));
}

/** Calls give 0, or a negative error number. */
interface Handle {
  onread: () => void;
  useUserBuffer(buffer: Buffer): void;
  connect(request: Request, host: string, port: number): number;
  setNoDelay(on: boolean): number;
  readStart(): number;
  /** The request is for what has to wait, if anything does. */
  writeLatin1String(request: Request, text: string): number;
  /** Each piece is followed by its encoding. */
  writev(request: Request, chunks: readonly unknown[], allBuffers: false): number;
  ref(): void;
  unref(): void;
  close(closed: () => void): void;
}

interface Request {
  oncomplete?: (status: number) => void;
  /** Kept from being collected while it is sent. */
  data?: unknown;
}

interface Binding {
  readonly TCP: new (type: number) => Handle;
  readonly clientType: number;
  readonly ConnectRequest: new () => Request;
  readonly WriteRequest: new () => Request;
  /** What the last call left; the other fields are places in it. */
  readonly state: Int32Array;
  readonly bytesOrError: number;
  readonly lastWriteWaits: number;
}

let binding: Binding | undefined;

function loadBinding(): Binding | undefined {
  try {
    // as: not in the type declarations, nor anywhere else.
    const { binding: load } = process as unknown as { binding(name: string): Record<string, unknown> };
    const tcp = load("tcp_wrap");
    const stream = load("stream_wrap");
    const found = {
      TCP: tcp.TCP,
      clientType: (tcp.constants as { SOCKET: number }).SOCKET,
      ConnectRequest: tcp.TCPConnectWrap,
      WriteRequest: stream.WriteWrap,
      state: stream.streamBaseState,
      bytesOrError: stream.kReadBytesOrError,
      lastWriteWaits: stream.kLastWriteWasAsync,
    };
    return Object.values(found).includes(undefined) ? undefined : (found as Binding);
  } catch {
    // Node's permission model forbids it.
    return undefined;
  }
}

/** Node warns once of a call that it may do away with, which would be in the log of a function that never made it. */
function tellsOfDeprecations(): boolean {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  return process.env.NODE_PENDING_DEPRECATION === "1" || /--pending[-_]deprecation/.test(options);
}

class EngineTcp implements TcpConnection {
  readonly #binding: Binding;
  readonly #listener: TcpListener;
  readonly #handle: Handle;
  /** What was written before the connection was there. */
  #early: HttpPiece[] | undefined = [];
  #waiting = 0;
  /** One for all writes that need not wait. */
  #spare: Request | undefined;
  #destroyed = false;
  #cause: Error | undefined;

  constructor(engine: Binding, address: TcpAddress, listener: TcpListener) {
    this.#binding = engine;
    this.#listener = listener;
    this.#handle = new engine.TCP(engine.clientType);
    this.#handle.useUserBuffer(tcpInput);
    this.#handle.onread = () => this.#read();
    const request = new engine.ConnectRequest();
    const { host, port } = address;
    const connected = (status: number) => {
      if (this.#destroyed) return;
      if (status < 0) this.#fail(status, "connect", ` ${host}:${port}`);
      else this.#open();
    };
    request.oncomplete = connected;
    const refused = this.#handle.connect(request, host, port);
    if (refused < 0) process.nextTick(connected, refused);
  }

  get unsent(): boolean {
    return this.#early !== undefined || this.#waiting > 0;
  }

  write(pieces: readonly HttpPiece[]): boolean {
    if (this.#destroyed) return false;
    if (this.#early !== undefined) this.#early.push(...pieces);
    else if (pieces.length > 0) this.#send(pieces);
    return !this.unsent;
  }

  ref(): void {
    this.#handle.ref();
  }

  unref(): void {
    this.#handle.unref();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#handle.close(() => this.#listener.closed(this.#cause));
  }

  #open(): void {
    this.#handle.setNoDelay(true);
    this.#handle.readStart();
    const early = this.#early ?? [];
    this.#early = undefined;
    if (early.length > 0) this.#send(early);
    this.#listener.opened();
    if (!this.unsent) this.#listener.drained();
  }

  #read(): void {
    if (this.#destroyed) return;
    const length = this.#binding.state[this.#binding.bytesOrError] ?? 0;
    if (length > 0) this.#listener.received(tcpInput.subarray(0, length));
    else if (length === endOfFile) this.#end();
    else if (length < 0) this.#fail(length, "read");
  }

  #end(): void {
    this.#listener.ended();
    this.destroy();
  }

  #send(pieces: readonly HttpPiece[]): void {
    this.#spare ??= new this.#binding.WriteRequest();
    if (pieces.every((piece) => typeof piece === "string")) {
      const text = pieces.join("");
      return this.#sent(this.#handle.writeLatin1String(this.#spare, text), this.#spare, text);
    }
    const chunks = pieces.flatMap((piece) => [piece, typeof piece === "string" ? "latin1" : "buffer"]);
    this.#sent(this.#handle.writev(this.#spare, chunks, false), this.#spare, chunks);
  }

  #sent(error: number, request: Request, data: unknown): void {
    const { state, lastWriteWaits } = this.#binding;
    if (error < 0) return this.#fail(error, "write");
    if (state[lastWriteWaits] === 0) return;
    // The engine ends the process where a request that waits is used again.
    this.#spare = undefined;
    this.#waiting += 1;
    request.data = data;
    request.oncomplete = (status) => this.#left(status);
  }

  /** What had to wait has been sent, or never will be. */
  #left(status: number): void {
    if (this.#destroyed) return;
    this.#waiting -= 1;
    if (status < 0) this.#fail(status, "write");
    else if (this.#waiting === 0) this.#listener.drained();
  }

  #fail(error: number, call: string, where = ""): void {
    const name = getSystemErrorName(error);
    this.#cause ??= Object.assign(new Error(`${call} ${name}${where}`), { code: name, errno: error, syscall: call });
    this.destroy();
  }
}
