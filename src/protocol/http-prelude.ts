/** The JSON that a streamed response for HTTP begins with, up to eight NULs. DG/runtimes-custom.html */

/** What the prelude says of the HTTP response. Values of other types are ignored. */
export interface HttpMetadata {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
}

export type Prelude =
  | { readonly at: "reading" }
  /** `rest` is the beginning of the body. */
  | { readonly at: "read"; readonly metadata: HttpMetadata; readonly rest: Uint8Array }
  | { readonly at: "malformed"; readonly reason: string };

const delimiterLength = 8;

/** Finds the prelude in pieces that may be cut anywhere, inside the eight NULs too. */
export class PreludeReader {
  #read: Uint8Array = new Uint8Array();
  #nuls = 0;

  push(chunk: Uint8Array): Prelude {
    const begin = this.#read.length;
    const all = new Uint8Array(begin + chunk.length);
    all.set(this.#read);
    all.set(chunk, begin);
    this.#read = all;
    for (const [index, byte] of chunk.entries()) {
      this.#nuls = byte === 0 ? this.#nuls + 1 : 0;
      if (this.#nuls === delimiterLength) return this.#split(begin + index + 1);
    }
    return { at: "reading" };
  }

  #split(end: number): Prelude {
    const text = new TextDecoder().decode(this.#read.subarray(0, end - delimiterLength));
    try {
      return { at: "read", metadata: metadataOf(JSON.parse(text)), rest: this.#read.subarray(end) };
    } catch (error) {
      return { at: "malformed", reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The metadata in a value that a function made; a status that is none counts as 200. */
export function metadataOf(value: unknown): HttpMetadata {
  const given = typeof value === "object" && value !== null ? value : {};
  // as: every field is looked at before it is used.
  const { statusCode, headers, cookies } = given as { statusCode?: unknown; headers?: unknown; cookies?: unknown };
  return {
    statusCode: Number.isInteger(Number(statusCode ?? 200)) ? Number(statusCode ?? 200) : 200,
    headers: headersOf(headers),
    cookies: Array.isArray(cookies) ? cookies.filter((cookie) => typeof cookie === "string") : [],
  };
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null) return {};
  const scalars = Object.entries(value).filter(([, header]) => ["string", "number", "boolean"].includes(typeof header));
  return Object.fromEntries(scalars.map(([name, header]) => [name, String(header)]));
}
