import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { type OtlpContent, type OtlpSignal, ofJson, ofProtobuf } from "./otlp-wire.ts";

export interface ReceivedRequest {
  readonly signal: OtlpSignal;
  readonly headers: IncomingHttpHeaders;
  readonly content: OtlpContent;
}

/** An OTLP/HTTP backend that keeps what it takes. `status` says what the nth request gets; 0 is no answer at all. */
export async function otlpReceiver(status: (count: number) => number = () => 200) {
  const taken: ReceivedRequest[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    count += 1;
    const given = status(count);
    if (given === 0) return;
    // as: another path is a mistake that the tests would see.
    const signal = request.url?.split("/").at(-1) as OtlpSignal;
    const isJson = request.headers["content-type"] === "application/json";
    if (given === 200)
      taken.push({
        signal,
        headers: request.headers,
        content: isJson ? ofJson(body.toString()) : ofProtobuf(signal, body),
      });
    response.writeHead(given).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // as: a TCP server has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    get requests() {
      return count;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
