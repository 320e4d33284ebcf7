/**
 * The least that a Node program can do for an invocation, to show what strictness costs: no errors, no context, no
 * framing but a length, nothing checked. Never a runtime to ship.
 */
import { openTcp } from "../src/platform/open-tcp.ts";

const env = process.env;
const [host = "", port] = env.AWS_LAMBDA_RUNTIME_API?.split(":") ?? [];
const [file, name = ""] = env._HANDLER?.split(".") ?? [];
const together = env.BOOTLACE_ONE_WRITE === "1";
const next = `GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
let pieces: Buffer[] = [];
let missing = 0;
const connection = openTcp(
  { host, port: Number(port) },
  { opened() {}, received, drained() {}, ended: () => process.exit(), closed() {} },
);
const { [name]: handler } = require(`${env.LAMBDA_TASK_ROOT}/${file}.mjs`);
connection.write([next]);

function received(bytes: Buffer): void {
  let rest = bytes;
  while (rest.length > 0) {
    if (missing === 0) missing = lengthOf(rest);
    const piece = rest.length > missing ? rest.subarray(0, missing) : rest;
    rest = rest.subarray(piece.length);
    missing -= piece.length;
    if (missing > 0) {
      pieces.push(Buffer.from(piece));
      return;
    }
    const message = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
    pieces = [];
    if (message.toString("latin1", 9, 12) === "200") void answer(message);
    else if (!together) connection.write([next]);
  }
}

function lengthOf(bytes: Buffer): number {
  const head = bytes.toString("latin1", 0, bytes.indexOf("\r\n\r\n"));
  return head.length + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1]);
}

async function answer(message: Buffer): Promise<void> {
  const end = message.indexOf("\r\n\r\n");
  const id = /request-id: (.*)/i.exec(message.toString("latin1", 0, end))?.[1];
  const body = JSON.stringify(await handler(JSON.parse(message.toString("utf8", end + 4))));
  const head = `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  connection.write([together ? head + body + next : head + body]);
}
