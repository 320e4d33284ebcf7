/** Faults on real sockets: what a client sees of a correct service behind a plan. */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as assert from "uvu/assert";
import { FaultyWire } from "../../src/emulator/faulty-wire.ts";
import { parseFaultPlan } from "../../src/faults/fault.ts";
import type { FiredFault } from "../../src/faults/fault-injector.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a faulty wire:");

const path = "/2018-06-01/runtime/invocation/next";
const next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
const response = "POST /2018-06-01/runtime/invocation/i/response HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
const head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: i\r\nLambda-Runtime-Deadline-Ms: 5000\r\n";
const date = "Date: Thu, 01 Jan 1970 00:00:05 GMT\r\n";
const withoutBody = `${head}${date}Content-Length: 5\r\n`;
const whole = `${withoutBody}\r\n"abc"`;
const chunked = `${head}${date}Transfer-Encoding: chunked\r\n\r\n2\r\n"a\r\n2\r\nbc\r\n1\r\n"\r\n0\r\n\r\n`;

/** A fault on the first answer, what its client gets, and what becomes of the connection. */
const faults: readonly (readonly [string, object, string, "open" | "ended" | "reset"])[] = [
  ["what is not meant is left alone", { type: "close", answer: { call: "error", nth: 1 } }, whole, "open"],
  ["a header is left out", { type: "remove-header", name: "date" }, whole.replace(date, ""), "open"],
  ["names are spelt oddly", { type: "odd-case" }, turned(whole), "open"],
  ["a body comes in chunks", { type: "chunked", bytes: 2 }, chunked, "open"],
  ["an answer comes in pieces of two bytes", { type: "split", bytes: 2 }, whole, "open"],
  ["a body trickles", { type: "trickle", pieces: 5, gapMs: 1 }, whole, "open"],
  ["an answer is late", { type: "delay", ms: 1 }, whole, "open"],
  ["a connection ends", { type: "close" }, `${withoutBody}Connection: close\r\n\r\n"abc"`, "ended"],
  ["a connection ends silently", { type: "close", silent: true }, whole, "ended"],
  ["a head comes alone", { type: "cut-after-head" }, `${withoutBody}\r\n`, "ended"],
  ["a connection is reset", { type: "reset", afterBytes: 20 }, whole.slice(0, 20), "reset"],
  ["a connection is reset before anything", { type: "reset", afterBytes: 0 }, "", "reset"],
  [
    "a clock is ahead",
    { type: "clock-skew", ms: 1_000 },
    whole.replace("5000", "6000").replace(":05 G", ":06 G"),
    "open",
  ],
  ["a status is another one", { type: "status", status: 500 }, whole.replace("200 OK", "500 Changed"), "open"],
];
for (const [what, fault, expected, connection] of faults) {
  test(what, async () => {
    const plan = [{ answer: { call: "next", nth: 1 }, ...fault }];
    const seen = await through(plan, next, connection === "open" ? expected.length : undefined);
    assert.is(seen.text, expected);
    assert.is(seen.connection, connection);
  });
}

test("a call that is refused early never reaches the service", async () => {
  const plan = [{ type: "refuse-early", answer: { call: "response", nth: 1 }, status: 413, errorType: "Big" }];
  const seen = await through(plan, response);
  assert.match(seen.text, /^HTTP\/1\.1 413 [\s\S]*"errorType":"Big"/);
  assert.equal(seen.served, []);
  assert.is(seen.connection, "ended");
});

test("a call that is reset early never reaches the service", async () => {
  const seen = await through([{ type: "reset-early", answer: { call: "response", nth: 1 } }], response);
  assert.is(seen.text, "");
  assert.equal(seen.served, []);
  assert.is(seen.connection, "reset");
});

test("whoever asks whether he may go on is told, unless the plan keeps it from him", async () => {
  const asking = response.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
  const told = await through([{ type: "close", answer: { call: "response", nth: 1 } }], asking);
  assert.match(told.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  const fault = { type: "no-continue", answer: { call: "response", nth: 1 } };
  const untold = await through([fault, { type: "close", answer: { call: "response", nth: 1 } }], asking);
  assert.match(untold.text, /^HTTP\/1\.1 200 /);
});

test("the call that is meant is counted across connections", async () => {
  const fired: FiredFault[] = [];
  await using service = await open(
    [{ type: "status", answer: { call: "next", nth: { every: 2 } }, status: 500 }],
    fired,
  );
  const statuses = [];
  for (let call = 0; call < 4; call += 1) statuses.push((await fetch(`http://${service.address}${path}`)).status);
  assert.equal(statuses, [200, 500, 200, 500]);
  assert.equal(fired, [
    { fault: 1, type: "status", method: "GET", path, nth: 2 },
    { fault: 1, type: "status", method: "GET", path, nth: 4 },
  ]);
});

/** A correct service, and a wire in front of it that is not. */
async function open(faults: readonly object[], fired: FiredFault[] = []) {
  const served: string[] = [];
  const server = createServer(async (request: IncomingMessage, answer) => {
    await request.toArray();
    served.push(request.url ?? "");
    answer.sendDate = false;
    answer.removeHeader("Connection");
    const lines = withoutBody.split("\r\n").slice(1, -1);
    answer.writeHead(200, Object.fromEntries(lines.map((line) => line.split(/: (.*)/).slice(0, 2))));
    answer.end('"abc"');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // as: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo;
  const wire = await FaultyWire.open(parseFaultPlan({ faults }), `127.0.0.1:${port}`, (fault) => fired.push(fault));
  const dispose = async () => {
    await wire.close();
    server.closeAllConnections();
    server.close();
  };
  return { address: wire.address, served, [Symbol.asyncDispose]: dispose };
}

/** Sends one call, and reads so many bytes of the answer, or until the connection is over. */
async function through(faults: readonly object[], call: string, length = Number.POSITIVE_INFINITY) {
  await using service = await open(faults);
  const [host, port] = service.address.split(":");
  const socket = connect({ host: host ?? "", port: Number(port), allowHalfOpen: true });
  let text = "";
  let connection: "open" | "ended" | "reset" = "open";
  const over = Promise.withResolvers<void>();
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    if (text.length >= length) over.resolve();
  });
  socket.on("end", () => {
    connection = "ended";
    over.resolve();
  });
  socket.on("error", () => {
    connection = "reset";
    over.resolve();
  });
  socket.write(call);
  await over.promise;
  socket.destroy();
  return { text, connection, served: service.served };
}

function turned(text: string): string {
  return text.replace(/^[A-Za-z-]+(?=:)/gm, (name) =>
    [...name].map((c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())).join(""),
  );
}

test.run();
