/** How fast a streamed response may go: at full speed first, then at a steady rate. DG/configuration-response-streaming.html */
import { limits } from "../protocol/limits.ts";

export interface StreamPace {
  /** What goes at full speed. */
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
}

/** As documented; what was seen on the real service is sometimes faster. */
export const documentedPace: StreamPace = {
  burstBytes: limits.streamBurstBytes,
  bytesPerSecond: limits.streamBytesPerSecond,
};

/** The bytes of one stream are due one after another; each is told how long it has to wait. */
export class Pacer {
  readonly #pace: StreamPace;
  #bytes = 0;
  #slowSinceMs: number | undefined;

  constructor(pace: StreamPace) {
    this.#pace = pace;
  }

  /** Milliseconds from `nowMs` until `bytes` more may have gone out. */
  delayMs(bytes: number, nowMs: number): number {
    this.#bytes += bytes;
    const over = this.#bytes - this.#pace.burstBytes;
    if (over <= 0) return 0;
    this.#slowSinceMs ??= nowMs;
    return Math.max(0, this.#slowSinceMs + (over / this.#pace.bytesPerSecond) * 1000 - nowMs);
  }
}
