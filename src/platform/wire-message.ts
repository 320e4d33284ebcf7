/** One HTTP message as it stood on the wire, and what was said about it. */

export interface WireMessage {
  /** Start line and header lines as sent, without the empty line that ends them. */
  readonly head: string;
  /** Without its framing. */
  readonly body: Buffer;
  /** Lines after the last chunk. */
  readonly trailers?: readonly string[];
}

/** A request and its answer. Times are monotonic milliseconds; `lost` says why there will be no answer. */
export interface WireExchange {
  readonly connection: number | string;
  readonly at: number;
  readonly request: WireMessage;
  /** When the first bytes of the request's body came. */
  readonly bodyAt?: number;
  /** When the request had been sent as a whole; absent where it was cut short. */
  readonly sentAt?: number;
  readonly answer?: WireMessage & { readonly at: number };
  readonly lost?: string;
}

/** The method and the request target of a request. */
export function targetOf({ head }: WireMessage): { readonly method: string; readonly path: string } {
  const [method = "", path = ""] = startLine(head).split(" ");
  return { method, path };
}

/** The status of an answer; 0 where its first line is none. */
export function statusOf({ head }: WireMessage): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
}

/** Every value that the header has, in order; names are compared without regard to case. */
export function headerValues({ head }: WireMessage, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return head.split("\r\n").flatMap((line, index) => {
    const colon = line.indexOf(":");
    if (index === 0 || colon < 0 || line.slice(0, colon).toLowerCase() !== wanted) return [];
    return [line.slice(colon + 1).trim()];
  });
}

/** The body as JSON, or undefined where it is none or not UTF-8. */
export function jsonOf({ body }: WireMessage): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

/** The value of a header among the trailers. */
export function trailerOf({ trailers = [] }: WireMessage, name: string): string | undefined {
  return headerValues({ head: ["", ...trailers].join("\r\n"), body: Buffer.alloc(0) }, name)[0];
}

export function startLine(head: string): string {
  return head.split("\r\n", 1)[0] ?? "";
}
