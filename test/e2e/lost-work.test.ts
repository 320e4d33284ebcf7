/** What a function leaves undone when it is frozen, and whether its author is told. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type RealFunction, realFunction } from "../emulator/real-function.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("lost work:");
const linux = process.platform === "linux";

for (const isolation of [undefined, { kind: "none", reason: "a test" }] as const) {
  const where = isolation === undefined ? "" : ", without namespaces too";
  const options = isolation === undefined ? {} : { isolation };

  if (linux && isolation === undefined)
    test("a child process that goes on is named", async () => {
      await using real = await realFunction("attacks", options);
      await real.ask("leaveChild");
      assert.equal(await told(real), [
        `child: The child process "/bin/sleep 1000" was still running: it goes on when the next invocation thaws the environment, or never`,
      ]);
    });

  if (linux)
    test(`a child process that waits to be asked is not named${where}`, async () => {
      await using real = await realFunction("attacks", options);
      await real.ask("leaveAskedChild");
      // It needs its time to begin to wait.
      for (let before = -1, now = 0; now > before; ) {
        before = (await told(real)).length;
        await real.ask("echo", { value: 1 });
        now = (await told(real)).length;
      }
    });

  if (linux)
    test(`a thread that computes is told of${where}`, async () => {
      await using real = await realFunction("attacks", options);
      await real.ask("leaveThread");
      // The thread needs its time to begin; what the next freeze finds does not depend on it.
      while (!(await told(real)).some((text) => text.startsWith("busy: The function was still computing")))
        await real.ask("echo", { value: 1 });
    });

  if (linux)
    test(`a connection is told of once${where}`, async () => {
      const server = createServer(() => {}).listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        await using real = await realFunction("attacks", options);
        await real.ask("leaveConnection", { port: portOf(server) });
        const [first = "", ...others] = await told(real);
        assert.match(first, `connection: The function had a connection to 127.0.0.1:${portOf(server)} open: if it was`);
        assert.equal(others, []);
        await real.ask("echo", { value: 1 });
        assert.is((await told(real)).length, 1);
      } finally {
        server.close();
        server.unref();
      }
    });

  if (linux)
    test(`a timer that waits is told of, and once more when it is late${where}`, async () => {
      await using real = await realFunction("", { ...options, task: pollingRuntime });
      await (await real.emulated.invoke({})).logTail;
      assert.match(
        (await told(real))[0] ?? "",
        /^timer: The function had a timer set, due in 0\.\d\d s or less: it does/,
      );
      await new Promise((resolve) => setTimeout(resolve, 600));
      await (await real.emulated.invoke({})).logTail;
      const late = (await told(real)).find((text) => text.startsWith("late-timer"));
      assert.match(
        late ?? "",
        /^late-timer: The function had a timer that was due \d\.\d+ s ago, while the environment/,
      );
    });

  if (linux)
    test(`a timer of a Node function that cannot be the engine's is told of${where}`, async () => {
      await using real = await realFunction("attacks", options);
      await real.ask("timer", { ms: 600 });
      assert.match(
        (await told(real))[0] ?? "",
        /^timer: The function had a timer set, due in 0\.[3-6]\d s or less: it does/,
      );
    });

  if (linux)
    test(`a function that has made garbage, and has spoken to a service, has no timer of its own${where}`, async () => {
      const server = createHttpServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        await using real = await realFunction("attacks", options);
        for (let round = 0; round < 5; round++) await real.ask("litter");
        await real.ask("fetch", { url: `http://127.0.0.1:${portOf(server)}/` });
        assert.equal(
          (await told(real)).filter((text) => text.startsWith("timer")),
          [],
        );
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });

  test(`a function that has ended its work is told nothing${where}`, async () => {
    await using real = await realFunction("attacks", options);
    for (let round = 0; round < 3; round++) await real.ask("echo", { value: 1 });
    assert.equal(await told(real), []);
  });
}

/** A runtime that waits for its connection in poll(2), with a time-out, as event loops with a timer do. */
const pollingRuntime = mkdtempSync(join(tmpdir(), "polling-"));
writeFileSync(join(pollingRuntime, "bootstrap"), `#!/usr/bin/perl\n${pollingProgram()}`, { mode: 0o755 });
test.after(() => rmSync(pollingRuntime, { recursive: true }));

function pollingProgram(): string {
  return String.raw`
use IO::Socket::INET; use IO::Poll qw(POLLIN);
my ($host, $port) = split /:/, $ENV{AWS_LAMBDA_RUNTIME_API};
my $poll = IO::Poll->new;
sub call { my ($request) = @_;
  my $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or die; print $socket $request; $socket->flush;
  $poll->mask($socket => POLLIN); 1 while $poll->poll(0.4) == 0;
  my $head = ""; while (<$socket>) { $head .= $_; last if /^\r\n$/ } $poll->remove($socket); return $head }
while (1) {
  my ($id) = call("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: a\r\n\r\n") =~ /request-id: (\S+)/i;
  call("POST /2018-06-01/runtime/invocation/$id/response HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
}`;
}

async function told(real: RealFunction): Promise<readonly string[]> {
  return (await real.emulated.lostWork()).map(({ kind, text }) => `${kind}: ${text}`);
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

test.run();
