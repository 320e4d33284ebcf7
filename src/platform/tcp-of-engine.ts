import { getSystemErrorName } from "node:util";
import type { HttpPiece } from "./http-message.ts";
import { type OpenTcp, type TcpAddress, type TcpConnection, type TcpListener, tcpInput } from "./tcp.ts";

/** The engines of the layers, with which this file is tested. Their write calls differ, and the next one's may again. */
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
  /** Node 24 takes a request for what may have to wait; Node 26 takes null, and gives one where something has to. */
  writeLatin1String(request: Request | null, text: string): number | Request;
  /** Each piece is followed by its encoding. */
  writev(request: Request | null, chunks: readonly unknown[], allBuffers: false): number | Request;
  ref(): void;
  unref(): void;
  close(closed: () => void): void;
}

interface Request {
  oncomplete?: (status: number) => void;
  /** Node 26: how it went, if it was over before anybody could listen. */
  writeStatus?: number | null;
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
  /** Node 24. */
  readonly wasAsync: number | undefined;
  /** Node 26. */
  readonly writeError: number | undefined;
}

let binding: Binding | undefined;

function loadBinding(): Binding | undefined {
  try {
    // as: not in the type declarations, nor anywhere else.
    const { binding: load } = process as unknown as { binding(name: string): Record<string, unknown> };
    const tcp = load("tcp_wrap");
    const stream = load("stream_wrap");
    return {
      TCP: tcp.TCP,
      clientType: (tcp.constants as { SOCKET: number }).SOCKET,
      ConnectRequest: tcp.TCPConnectWrap,
      WriteRequest: stream.WriteWrap,
      state: stream.streamBaseState,
      bytesOrError: stream.kReadBytesOrError,
      wasAsync: stream.kLastWriteWasAsync,
      writeError: stream.kLastWriteErr,
    } as Binding;
  } catch {
    // Node's permission model forbids it.
    return undefined;
  }
}

/** Node warns once of a call that it may do away with, which would be in the log of a function that never made it. */
function tellsOfDeprecations(): boolean {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  return process.env.NODE_PENDING_DEPRECATION === "1" || options.includes("--pending-deprecation");
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
    const { wasAsync, WriteRequest } = this.#binding;
    if (wasAsync !== undefined) this.#spare ??= new WriteRequest();
    const request = this.#spare ?? null;
    if (pieces.every((piece) => typeof piece === "string")) {
      const text = pieces.join("");
      return this.#sent(this.#handle.writeLatin1String(request, text), request, text);
    }
    const chunks = pieces.flatMap((piece) => [piece, typeof piece === "string" ? "latin1" : "buffer"]);
    this.#sent(this.#handle.writev(request, chunks, false), request, chunks);
  }

  #sent(result: number | Request, given: Request | null, data: unknown): void {
    const { state, wasAsync, writeError } = this.#binding;
    const error = typeof result === "number" ? result : state[writeError ?? 0];
    if (error !== undefined && error < 0) return this.#fail(error, "write");
    const waiting = wasAsync !== undefined && state[wasAsync] === 1 ? given : result;
    if (waiting === null || typeof waiting === "number") return;
    this.#spare = undefined;
    this.#waiting += 1;
    waiting.data = data;
    waiting.oncomplete = (status) => this.#left(status);
    if (typeof waiting.writeStatus === "number") this.#left(waiting.writeStatus);
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
