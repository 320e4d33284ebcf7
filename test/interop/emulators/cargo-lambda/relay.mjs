// A relay in front of an emulator that has its APIs under a path: each request gets the path, and nothing else is changed.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Listens on a free port and answers with it. */
export async function startRelay(port, prefix) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const emulator = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    const rewriter = new RequestRewriter(prefix, (bytes) => emulator.write(bytes));
    emulator.pipe(client);
    client.on("data", (bytes) => rewriter.take(bytes));
    client.on("end", () => {
      rewriter.end();
      emulator.end();
    });
    client.on("error", () => emulator.destroy());
    client.on("close", () => emulator.destroy());
    emulator.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** Follows the framing of requests as far as is needed to know where the next one begins; every byte is passed on at once. */
class RequestRewriter {
  #held = Buffer.alloc(0);
  /** Bytes of a body or a chunk that are still to come. */
  #left = 0;
  #at = "request";
  #length = 0;
  #chunked = false;

  constructor(prefix, forward) {
    this.prefix = prefix;
    this.forward = forward;
  }

  take(bytes) {
    this.#held = Buffer.concat([this.#held, bytes]);
    while (this.#held.length > 0) {
      if (this.#left > 0) this.#left -= this.#pass(Math.min(this.#left, this.#held.length));
      else {
        const end = this.#held.indexOf("\n") + 1;
        if (end === 0) return;
        this.#line(this.#held.subarray(0, end).toString("latin1"), end);
      }
    }
  }

  /** What is no whole line is passed on as it is. */
  end() {
    this.#pass(this.#held.length);
  }

  #line(line, length) {
    const text = line.trim();
    if (this.#at === "request" && text !== "") {
      this.#held = this.#held.subarray(length);
      this.forward(Buffer.from(line.replace(/^(\S+ )(\/)/, `$1${this.prefix}$2`), "latin1"));
      [this.#at, this.#length, this.#chunked] = ["header", 0, false];
      return;
    }
    this.#pass(length);
    if (this.#at === "header") this.#header(text);
    else if (this.#at === "chunk") {
      const size = Number.parseInt(text, 16);
      if (size > 0) this.#left = size + 2;
      else this.#at = "trailer";
    } else if (this.#at === "trailer" && text === "") this.#at = "request";
  }

  #header(text) {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(text) ?? [];
    if (name.toLowerCase() === "content-length") this.#length = Number(value) || 0;
    if (name.toLowerCase() === "transfer-encoding") this.#chunked = true;
    if (text !== "") return;
    this.#at = this.#chunked ? "chunk" : "request";
    this.#left = this.#chunked ? 0 : this.#length;
  }

  #pass(length) {
    if (length > 0) this.forward(this.#held.subarray(0, length));
    this.#held = this.#held.subarray(length);
    return length;
  }
}
