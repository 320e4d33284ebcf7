import type { Tapped } from "../platform/socket-tap.ts";
import { statusOf, type WireExchange, type WireMessage } from "../platform/wire-message.ts";
import { WireReader } from "../platform/wire-reader.ts";

/** A connection that carried something other than HTTP. */
export interface WireFault {
  readonly connection: number;
  readonly from: "client" | "server";
  readonly reason: string;
}

interface Connection {
  readonly client: WireReader;
  readonly server: WireReader;
}

type Growing = { -readonly [Key in keyof WireExchange]: WireExchange[Key] };

/** What a tap heard, as exchanges in the order in which their requests began. */
export class WireLog {
  readonly faults: WireFault[] = [];
  readonly #exchanges: Growing[] = [];
  readonly #connections = new Map<number, Connection>();
  readonly #answered: (exchange: WireExchange) => void;
  #at = 0;

  /** `answered` is told of each answer as soon as it is complete. */
  constructor(answered: (exchange: WireExchange) => void) {
    this.#answered = answered;
  }

  get exchanges(): readonly WireExchange[] {
    return this.#exchanges;
  }

  get connections(): number {
    return this.#connections.size;
  }

  hear(piece: Tapped): void {
    this.#at = piece.at;
    const connection = this.#connection(piece.connection);
    if (piece.type === "bytes") connection[piece.from].push(piece.bytes);
    if (piece.type === "ended") connection[piece.from].close();
  }

  #connection(number: number): Connection {
    const known = this.#connections.get(number);
    if (known !== undefined) return known;
    const waiting: Growing[] = [];
    const connection = {
      client: this.#requests(number, waiting),
      server: this.#answers(number, waiting),
    };
    this.#connections.set(number, connection);
    return connection;
  }

  #requests(connection: number, waiting: Growing[]): WireReader {
    const body: Buffer[] = [];
    let trailers: string[] = [];
    let current: Growing | undefined;
    return new WireReader("request", {
      head: (head) => {
        body.length = 0;
        trailers = [];
        current = { connection, at: this.#at, request: { head, body: Buffer.alloc(0) } };
        waiting.push(current);
        this.#exchanges.push(current);
      },
      body: (_raw, data) => {
        if (current !== undefined && data.length > 0) current.bodyAt ??= this.#at;
        body.push(data);
      },
      trailer: (line) => trailers.push(line),
      end: () => {
        if (current === undefined) return;
        current.request = { ...current.request, body: Buffer.concat(body), trailers };
        current.sentAt = this.#at;
      },
      broken: (reason) => this.#fault(connection, "client", reason),
    });
  }

  #answers(connection: number, waiting: Growing[]): WireReader {
    const body: Buffer[] = [];
    let head = "";
    return new WireReader("response", {
      head: (text) => {
        head = text;
        body.length = 0;
      },
      body: (_raw, data) => body.push(data),
      end: () => {
        const answer: WireMessage = { head, body: Buffer.concat(body) };
        // 1xx announces the answer that follows.
        if (statusOf(answer) < 200) return;
        const exchange = waiting.shift();
        if (exchange === undefined) return this.#fault(connection, "server", "an answer came without a request");
        exchange.answer = { ...answer, at: this.#at };
        this.#answered(exchange);
      },
      broken: (reason) => this.#fault(connection, "server", reason),
    });
  }

  #fault(connection: number, from: "client" | "server", reason: string): void {
    this.faults.push({ connection, from, reason });
  }
}
