import type { HttpPiece } from "./http-message.ts";

/** Where to connect: a name or an address, and a port. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

/** Hears of one connection, never before the call that opens it has returned. */
export interface TcpListener {
  /** The connection is there. Bytes that were written before have been sent. */
  opened(): void;
  /** These bytes have arrived; they are overwritten as soon as the call returns. */
  received(bytes: Buffer): void;
  /** What could not be sent at once has left. */
  drained(): void;
  /** The other side will send no more. */
  ended(): void;
  /** Nothing follows; once for each connection, with what went wrong, if anything did. */
  closed(cause: Error | undefined): void;
}

/** A connection that is opened. It keeps the process alive while it is open, unless it was told not to. */
export interface TcpConnection {
  /** Sends all pieces in order; false where some of them have to wait, until `drained`. */
  write(pieces: readonly HttpPiece[]): boolean;
  /** Whether something that was written has not been sent yet. */
  readonly unsent: boolean;
  ref(): void;
  unref(): void;
  /** Closes at once, what has not been sent is lost; `closed` follows. */
  destroy(): void;
}

/** Opens a connection without delay of small pieces. No time-out anywhere: Lambda holds a request open while it is frozen. */
export type OpenTcp = (address: TcpAddress, listener: TcpListener) => TcpConnection;

/**
 * What arrives on any connection is read into this, and taken out of it before anything else is read: there is no
 * buffer for each piece.
 */
export const tcpInput = Buffer.allocUnsafeSlow(65_536);
