/** What a function or a caller says never becomes a header of its own: limits.md 3.2 rows 5, 9 and 11. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import * as assert from "uvu/assert";
import { FunctionUrl } from "../../src/emulator/function-url.ts";
import { played } from "../emulator/in-process-runtime.ts";
import { exchange, request } from "../emulator/raw-client.ts";
import { staged } from "../emulator/staged-environment.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("header injection:");

/** Everything that ends a line somewhere, or nearly does, around a header that nobody sent. */
const breaks = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\u0000",
  "\u010d\u010a",
  "\u2028",
  "\u0085",
  "%0d%0a",
  "\\r\\n",
  "\ud800",
];
const hostile = breaks.flatMap((end) => [`a${end}Evil: 1`, `${end}Evil: 1`, `a${end}`]);

test("by a function's own headers and cookies at its URL", async () => {
  await using service = await played(({ event }) => {
    const value = JSON.parse(JSON.parse(event).body);
    return JSON.stringify({
      statusCode: 200,
      headers: { "x-own": value, [`x-${value}`]: "1" },
      cookies: [value],
      body: "ok",
    });
  });
  await using url = new FunctionUrl(service.lambda, { mode: "BUFFERED" });
  const address = await url.listen(0);
  for (const value of hostile) {
    const head = await headOf(address, "POST /", {}, JSON.stringify(value));
    checkHead(head, value);
  }
});

test("by what a caller says of itself, on its way to the runtime", async () => {
  for (const value of hostile) {
    for (const field of ["clientContext", "traceId", "tenantId"]) {
      await using stage = await staged();
      const refused = stage.invoke("r-1", { [field]: value }).then(
        () => "answered",
        (error: Error) => error.message,
      );
      const reached = stage.until(() => stage.alive("runtime")).then(() => "reached");
      const how = await Promise.race([refused, reached]);
      if (how === "reached")
        checkHead(await headOf(stage.api, "GET /2018-06-01/runtime/invocation/next", {}, ""), value);
      else assert.match(how, /has characters that no header can carry$/, JSON.stringify(value));
    }
  }
});

test("by the type of an error, on its way to the caller", async () => {
  for (const value of hostile) {
    await using service = await played(() => {
      throw Object.assign(new Error(value), { name: value });
    });
    const path = "POST /2015-03-31/functions/hello/invocations";
    checkHead(await headOf(service.address, path, {}, "{}"), value);
  }
});

test("nothing that is data becomes a property of everything", async () => {
  await using service = await played(({ event }) => event);
  const body = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const { body: answer } = await exchange(
    service.address,
    request("POST /2015-03-31/functions/hello/invocations", { Host: "localhost" }, body),
  );
  assert.is(answer.toString(), body);
  assert.is(Reflect.get({}, "polluted"), undefined);
});

test("everything listens on the loopback address alone", async () => {
  if (process.platform !== "linux") return;
  await using service = await played(({ event }) => event);
  await using url = new FunctionUrl(service.lambda, { mode: "BUFFERED" });
  await url.listen(0);
  await using stage = await staged();
  const addresses = listening();
  assert.ok(addresses.length >= 3 && stage.api !== "");
  assert.equal([...new Set(addresses)], ["0100007F"]);
});

/** The bytes of an answer as far as its head goes. */
async function headOf(address: string, line: string, headers: Record<string, string>, body: string): Promise<string> {
  const { status, lines } = await exchange(address, request(line, { Host: "localhost", ...headers }, body));
  return [`HTTP/1.1 ${status}`, ...lines].join("\r\n");
}

function checkHead(head: string, value: string): void {
  const shown = JSON.stringify(value);
  assert.match(head, /^HTTP\/1\.1 \d{3}/, shown);
  assert.not.match(head, /^evil:/im, shown);
  assert.not.match(head, /[\0]|\r(?!\n)|(?<!\r)\n/, shown);
}

/** The addresses on which this process listens, in the kernel's hexadecimal. */
function listening(): readonly string[] {
  const inodes = new Set(
    readdirSync("/proc/self/fd").flatMap((fd) => {
      try {
        return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/self/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = ""]) => state === "0A" && inodes.has(inode))
      .map(([, local = ""]) => local.split(":")[0] ?? ""),
  );
}

test.run();
