import type { HttpConnection } from "./http-connection.ts";
import { chunkPieces, type HttpPiece, type HttpResponse, lastChunk } from "./http-message.ts";
import { whenSettled } from "./native-promise.ts";

/** A request whose body is sent in chunks while it is made. The head leaves together with the first of them. */
export class HttpUpload {
  /** The server's answer, which may come before the body has been sent. */
  readonly response: Promise<HttpResponse>;
  readonly #connection: HttpConnection;
  #head: readonly HttpPiece[];

  constructor(connection: HttpConnection, head: string) {
    this.#connection = connection;
    this.#head = [head];
    this.response = connection.beginUpload();
    // Whoever writes hears of a failure there, perhaps before anybody asks for the response.
    whenSettled(this.response, undefined, () => {});
  }

  /** Sends one chunk; no bytes send the head alone. Resolves when it is time for more, rejects when it is too late. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#connection.upload([...this.#takeHead(), ...chunkPieces(bytes)], false);
  }

  /** Ends the body. A second end changes nothing. */
  async end(trailers: Readonly<Record<string, string>> = {}): Promise<void> {
    try {
      await this.#connection.upload([...this.#takeHead(), lastChunk(trailers)], true);
    } catch {
      // Whoever reads the response hears of it.
    }
  }

  #takeHead(): readonly HttpPiece[] {
    const head = this.#head;
    this.#head = [];
    return head;
  }
}
