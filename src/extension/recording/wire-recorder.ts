import type { Tapped } from "../../platform/socket-tap.ts";
import { WireReader } from "../../platform/wire-reader.ts";
import {
  type WireTranscriptExchange,
  type WireTranscriptLine,
  type WireTranscriptMessage,
  wireBody,
} from "../../protocol/wire-transcript.ts";

/** A piece of a connection, with the date at which it was heard. */
export type HeardPiece = Tapped & { readonly date: number };

interface Connection {
  readonly client: WireReader;
  readonly server: WireReader;
  readonly waiting: UnderWay[];
}

/** A request without its answer. */
interface UnderWay {
  readonly at: number;
  readonly request: Message;
  sentAt?: number;
}

const announcement = /^HTTP\/1\.[01] 1\d\d/;

/** Makes lines of what a tap heard, an exchange at its end. Of each body it holds the beginning and the length. */
export class WireRecorder {
  readonly #bodyBytesMax: number;
  readonly #write: (line: WireTranscriptLine) => void;
  readonly #connections = new Map<number, Connection>();
  #at = 0;

  constructor(bodyBytesMax: number, write: (line: WireTranscriptLine) => void) {
    this.#bodyBytesMax = bodyBytesMax;
    this.#write = write;
  }

  hear(piece: HeardPiece): void {
    this.#at = piece.date;
    if (piece.type === "opened") return;
    // Both sides end; whichever is second finds nothing left to tell.
    if (piece.type === "ended" && !this.#connections.has(piece.connection)) return;
    const connection = this.#connection(piece.connection);
    if (piece.type === "bytes") return connection[piece.from].push(piece.bytes);
    connection[piece.from].close();
    // A client that has said all may still be answered.
    if (piece.from === "server") this.#close(piece.connection, connection, "the connection ended");
  }

  /** Tells what is under way, because nothing more will be heard. */
  end(reason: string): void {
    for (const [number, connection] of this.#connections) this.#close(number, connection, reason);
  }

  #close(number: number, { waiting }: Connection, lost: string): void {
    this.#connections.delete(number);
    for (const exchange of waiting.splice(0)) this.#write({ ...told(exchange, number), lost });
  }

  #connection(number: number): Connection {
    const known = this.#connections.get(number);
    if (known !== undefined) return known;
    const waiting: UnderWay[] = [];
    const connection = { waiting, client: this.#requests(number, waiting), server: this.#answers(number, waiting) };
    this.#connections.set(number, connection);
    return connection;
  }

  #requests(connection: number, waiting: UnderWay[]): WireReader {
    let current: UnderWay | undefined;
    return new WireReader("request", {
      head: (head) => {
        current = { at: this.#at, request: new Message(this.#bodyBytesMax, head) };
        waiting.push(current);
      },
      body: (_raw, data) => current?.request.add(data),
      trailer: (line) => current?.request.trailers.push(line),
      end: () => {
        if (current !== undefined) current.sentAt = this.#at;
      },
      broken: (reason) => this.#fault(connection, "client", reason),
    });
  }

  #answers(connection: number, waiting: UnderWay[]): WireReader {
    let answer: Message | undefined;
    let beganAt = 0;
    return new WireReader("response", {
      head: (head) => {
        answer = new Message(this.#bodyBytesMax, head);
        beganAt = this.#at;
      },
      body: (_raw, data) => answer?.add(data),
      trailer: (line) => answer?.trailers.push(line),
      end: () => {
        // 1xx announces the answer that follows.
        if (answer === undefined || announcement.test(answer.head)) return;
        const exchange = waiting.shift();
        if (exchange === undefined) this.#fault(connection, "server", "an answer came without a request");
        else this.#write({ ...told(exchange, connection), answer: { ...answer.seen(), beganAt, at: this.#at } });
        answer = undefined;
      },
      broken: (reason) => {
        const exchange = answer && waiting.shift();
        if (answer !== undefined && exchange !== undefined)
          this.#write({ ...told(exchange, connection), answer: { ...answer.seen(), beganAt }, lost: reason });
        answer = undefined;
        this.#fault(connection, "server", reason);
      },
    });
  }

  #fault(connection: number, from: "client" | "server", reason: string): void {
    this.#write({ wire: "fault", at: this.#at, connection, from, reason });
  }
}

function told({ at, request, sentAt }: UnderWay, connection: number): WireTranscriptExchange {
  return { wire: "exchange", at, connection, request: request.seen(), ...(sentAt !== undefined && { sentAt }) };
}

/** A message that grows: all of its head, the beginning of its body. */
class Message {
  readonly trailers: string[] = [];
  readonly head: string;
  readonly #bodyBytesMax: number;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;

  constructor(bodyBytesMax: number, head: string) {
    this.#bodyBytesMax = bodyBytesMax;
    this.head = head;
  }

  add(data: Buffer): void {
    this.#bytes += data.length;
    const room = this.#bodyBytesMax - this.#keptBytes;
    if (room <= 0 || data.length === 0) return;
    // A copy: a piece of a few bytes would keep the whole buffer of its socket.
    this.#kept.push(Buffer.from(data.subarray(0, room)));
    this.#keptBytes += Math.min(room, data.length);
  }

  seen(): WireTranscriptMessage {
    const body = wireBody(Buffer.concat(this.#kept), this.#bytes);
    const { trailers } = this;
    return { head: this.head.split("\r\n"), ...(body && { body }), ...(trailers.length > 0 && { trailers }) };
  }
}
