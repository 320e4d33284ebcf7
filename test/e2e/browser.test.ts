/** A web page in a real browser that knows our ports: limits.md 3.2 rows 12 and 13. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { FunctionUrl } from "../../src/emulator/function-url.ts";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { LambdaService } from "../../src/emulator/lambda-service.ts";
import { inProcess } from "../emulator/in-process-runtime.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("a web page");
const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const patient = { timeoutMs: 90_000 };

test(
  "cannot run a function, by any kind of request that a browser sends for it, nor by a name that it has rebound",
  async () => {
    if (browser === undefined) return absent();
    const invoked: string[] = [];
    const task = mkdtempSync(join(tmpdir(), "browser-"));
    const supervise = inProcess(({ event }) => {
      invoked.push(event);
      return event;
    });
    try {
      await using lambda = await LambdaFunction.create({ task, functionName: "hello", supervise });
      await using service = new LambdaService(lambda);
      await using functionUrl = new FunctionUrl(lambda, { mode: "BUFFERED" });
      const address = await service.listen(0);
      const urlAddress = await functionUrl.listen(0);
      const seen = await visit(browser, (rebound) => page(address, rebound));
      // Opaque or blocked: a page never reads an answer, and what it was is told by what ran, which is nothing.
      for (const [how, result] of Object.entries(seen)) assert.match(result, /^(opaque|blocked|error|403|denied)/, how);
      assert.equal(Object.keys(seen).sort(), [...attempts].sort());
      assert.equal(invoked, []);
      // The same function answers who is no web page; and its URL is for web pages.
      const answer = await fetch(`http://${address}/2015-03-31/functions/hello/invocations`, {
        method: "POST",
        body: '"curl"',
      });
      assert.is(await answer.text(), '"curl"');
      assert.equal(invoked, ['"curl"']);
      const fromPage = await visit(browser, () => urlPage(urlAddress));
      assert.match(fromPage.url ?? "", /^(opaque|blocked)/);
      assert.is(invoked.length, 2);
    } finally {
      rmSync(task, { recursive: true });
    }
  },
  patient,
);

const attempts = ["noCors", "textPlain", "json", "form", "image", "script", "socket", "rebound", "beacon"];

/** Each attempt says how it ended; a form goes into a frame, whose document its page may not read. */
function page(address: string, rebound: string): string {
  const path = "/2015-03-31/functions/hello/invocations";
  const url = `http://${address}${path}`;
  return `
    const tried = {};
    const attempt = async (name, work) => { try { tried[name] = String(await work()); } catch (e) { tried[name] = "blocked " + e; } };
    const post = (init) => async () => { const r = await fetch(${JSON.stringify(url)}, { method: "POST", ...init }); return r.type === "opaque" ? "opaque" : r.status; };
    const loaded = (node) => () => new Promise((resolve) => {
      node.onload = () => resolve("denied"); node.onerror = () => resolve("error"); document.body.append(node);
    });
    const element = (tag, attributes) => Object.assign(document.createElement(tag), attributes);
    await attempt("noCors", post({ mode: "no-cors", body: '{"from":"noCors"}' }));
    await attempt("textPlain", post({ headers: { "content-type": "text/plain" }, body: '{"from":"textPlain"}' }));
    await attempt("json", post({ headers: { "content-type": "application/json" }, body: '{"from":"json"}' }));
    await attempt("beacon", () => { navigator.sendBeacon(${JSON.stringify(url)}, '{"from":"beacon"}'); return "opaque"; });
    await attempt("image", loaded(element("img", { src: ${JSON.stringify(url)} })));
    await attempt("script", loaded(element("script", { src: ${JSON.stringify(url)} })));
    await attempt("form", () => new Promise((resolve) => {
      const frame = element("iframe", { name: "frame" });
      const form = element("form", { action: ${JSON.stringify(url)}, method: "POST", target: "frame", enctype: "text/plain" });
      form.append(element("input", { name: '{"from":"', value: 'form"}' }));
      document.body.append(frame, form);
      frame.onload = () => { try { resolve(frame.contentDocument ? "blocked" : "denied"); } catch { resolve("denied"); } };
      form.submit();
    }));
    await attempt("socket", () => new Promise((resolve) => {
      const socket = new WebSocket(${JSON.stringify(`ws://${address}${path}`)});
      socket.onopen = () => resolve("open"); socket.onerror = () => resolve("error");
    }));
    await attempt("rebound", async () => {
      const r = await fetch("http://" + ${JSON.stringify(rebound)} + ":" + ${JSON.stringify(address.split(":")[1])} + ${JSON.stringify(path)}, { method: "POST", mode: "no-cors", body: '{"from":"rebound"}' });
      return r.type === "opaque" ? "opaque" : r.status;
    });
    return tried;`;
}

function urlPage(address: string): string {
  return `
    try { const r = await fetch(${JSON.stringify(`http://${address}/`)}, { mode: "no-cors" }); return { url: r.type }; }
    catch (e) { return { url: "blocked " + e }; }`;
}

/** Serves a page under a name of its own and resolves with what its script reports. */
async function visit(path: string, script: (rebound: string) => string): Promise<Readonly<Record<string, string>>> {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const reported = Promise.withResolvers<Readonly<Record<string, string>>>();
  const server: Server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      reported.resolve(JSON.parse(Buffer.concat(chunks).toString()));
    }
    response.setHeader("content-type", "text/html");
    response.end(
      `<body><script type="module">const run = async () => {${script("rebound.example")}}; const seen = await run(); await fetch("/report", { method: "POST", body: JSON.stringify(seen) });</script>`,
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const rules = "--host-resolver-rules=MAP page.example 127.0.0.1,MAP rebound.example 127.0.0.1";
  const flags = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    `--user-data-dir=${profile}`,
    rules,
  ];
  const child = spawn(path, [...flags, `http://page.example:${port}/`], { stdio: "ignore", detached: true });
  try {
    return await reported.promise;
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await once(child, "exit");
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A machine of somebody who has no browser is told; one that decides about landings has to have it. */
function absent(): never {
  skip("there is no Chromium (apt-get install chromium)", { allowed: process.env.BROWSER_REQUIRED !== "1" });
}

test.run();
