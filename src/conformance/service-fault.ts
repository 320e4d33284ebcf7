import type { ServiceFault } from "./runtime-case.ts";
import { headerValues } from "./wire-message.ts";
import { WireReader } from "./wire-reader.ts";

/**
 * Changes what the service sends, below its API, so that the service itself stays a correct one. Events are counted
 * across connections: a runtime may open a new one for each request.
 */
export class FaultPlan {
  readonly #faults: readonly ServiceFault[];
  #events = 0;

  constructor(faults: readonly ServiceFault[]) {
    this.#faults = faults;
  }

  /** A filter for the service's bytes on one connection. */
  editor(): (bytes: Buffer) => Buffer {
    const out: Buffer[] = [];
    const reader = new WireReader("response", {
      head: (text) => out.push(Buffer.from(`${this.#edited(text)}\r\n\r\n`, "latin1")),
      body: (raw) => out.push(raw),
      end: () => {},
      broken: () => {},
    });
    return (bytes) => {
      reader.push(bytes);
      return Buffer.concat(out.splice(0));
    };
  }

  #edited(head: string): string {
    if (headerValues({ head, body: Buffer.alloc(0) }, "Lambda-Runtime-Aws-Request-Id").length === 0) return head;
    this.#events += 1;
    return this.#faults
      .filter((fault) => fault.event === this.#events)
      .reduce((text, { name }) => withoutHeader(text, name), head);
  }
}

function withoutHeader(head: string, name: string): string {
  const prefix = `${name.toLowerCase()}:`;
  return head
    .split("\r\n")
    .filter((line) => !line.toLowerCase().startsWith(prefix))
    .join("\r\n");
}
