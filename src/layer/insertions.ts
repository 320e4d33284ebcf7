import { decode, encode } from "@jridgewell/sourcemap-codec";

/** Text that goes between two characters of a program. It has no line breaks, so every line keeps its number. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Text to be put around pieces of a program, of which one may lie inside another. */
export class Insertions {
  /** Outer pieces come before the inner ones that begin where they do, and are closed after those that end there. */
  readonly #openings: Insertion[] = [];
  readonly #closings: Insertion[] = [];

  /** Whoever wraps an outer piece does so before whoever wraps an inner one. */
  around({ start, end }: { readonly start: number; readonly end: number }, before: string, after: string): void {
    this.#openings.push({ at: start, text: before });
    this.#closings.unshift({ at: end, text: after });
  }

  before({ start }: { readonly start: number }, text: string): void {
    this.#openings.push({ at: start, text });
  }

  after({ end }: { readonly end: number }, text: string): void {
    this.#closings.unshift({ at: end, text });
  }

  /** The program with all of it. */
  into(code: string): string {
    let at = 0;
    const pieces: string[] = [];
    for (const insertion of this.#inOrder()) {
      pieces.push(code.slice(at, insertion.at), insertion.text);
      at = insertion.at;
    }
    return pieces.join("") + code.slice(at);
  }

  /** The source map of `code`, which still leads back from every place after all of it. */
  intoMap(map: Uint8Array, code: string): Uint8Array {
    const content = JSON.parse(Buffer.from(map).toString("utf8"));
    const lines = decode(content.mappings);
    const insertions = this.#inOrder();
    let next = 0;
    let lineAt = 0;
    for (const segments of lines) {
      const lineEnd = nextLineAt(code, lineAt);
      let shift = 0;
      for (const segment of segments) {
        // What stood where something begins is moved by it.
        for (; at(insertions, next) <= lineAt + segment[0]; next += 1) shift += insertions[next]?.text.length ?? 0;
        segment[0] += shift;
      }
      while (at(insertions, next) < lineEnd) next += 1;
      lineAt = lineEnd;
    }
    return Buffer.from(`${JSON.stringify({ ...content, mappings: encode(lines) }, undefined, 2)}\n`);
  }

  /** Where one piece ends and another begins, the first is closed before. */
  #inOrder(): readonly Insertion[] {
    return [...this.#closings, ...this.#openings].toSorted((a, b) => a.at - b.at);
  }
}

/** What ends a line for JavaScript, and for who writes its maps. */
const lineBreak = /\r\n?|[\n\u2028\u2029]/g;

function at(insertions: readonly Insertion[], index: number): number {
  return insertions[index]?.at ?? Number.POSITIVE_INFINITY;
}

function nextLineAt(code: string, from: number): number {
  lineBreak.lastIndex = from;
  return lineBreak.test(code) ? lineBreak.lastIndex : code.length;
}
