/** As many bytes of each stream are kept for whoever wants to see them. */
const bytesMax = 2_000_000;
const linesMax = 2_000;
const writtenBytesMax = 100_000;

/** What the processes of a subject print, by stream and together. Texts hold one character for each byte until they are read. */
export class SubjectOutput {
  readonly #streams = { stdout: "", stderr: "" };
  #written = "";
  /** How many lines were ended so far. */
  count = 0;

  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    const text = chunk.toString("latin1");
    this.#written = (this.#written + text).slice(-writtenBytesMax);
    this.#streams[stream] = (this.#streams[stream] + text).slice(-bytesMax);
    this.count += text.split("\n").length - 1;
  }

  get stdout(): string {
    return decoded(this.#streams.stdout);
  }

  get stderr(): string {
    return decoded(this.#streams.stderr);
  }

  /** Both, in the order in which they came, byte for byte: the last of it. */
  get written(): string {
    return this.#written;
  }

  /** The last lines of both. */
  get lines(): readonly string[] {
    const lines = decoded(this.#written).split("\n");
    if (lines.at(-1) === "") lines.pop();
    return lines.slice(-linesMax);
  }
}

function decoded(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
