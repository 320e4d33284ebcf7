import type { Socket } from "node:net";
import type { BatchSender, Dial } from "./batch-sender.ts";

/** Writes each event as a line. A batch is taken when the system has taken all of it: TCP tells no more. */
export class TcpSender implements BatchSender {
  readonly #port: number;
  readonly #dial: Dial;
  #socket: Socket | undefined;

  constructor(port: number, dial: Dial) {
    this.#port = port;
    this.#dial = dial;
  }

  send(events: readonly string[], aborted: AbortSignal): Promise<boolean> {
    const socket = this.#connected();
    const abort = () => socket.destroy();
    aborted.addEventListener("abort", abort, { once: true });
    return new Promise<boolean>((resolve) => {
      const broken = () => resolve(false);
      socket.once("close", broken);
      socket.write(events.map((event) => `${event}\n`).join(""), (error) => {
        socket.off("close", broken);
        aborted.removeEventListener("abort", abort);
        resolve(error === null || error === undefined);
      });
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  /** The connection so far, or a new one where the other side has ended it. */
  #connected(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = this.#dial(this.#port);
    const forget = () => {
      if (this.#socket === socket) this.#socket = undefined;
    };
    socket.on("error", forget);
    socket.on("close", forget);
    socket.resume();
    this.#socket = socket;
    return socket;
  }
}
