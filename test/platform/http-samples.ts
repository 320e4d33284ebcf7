/** A response that has to be read the same way however its bytes arrive. */
export interface GoodSample {
  readonly name: string;
  readonly wire: string;
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Its end is the end of the connection. */
  readonly untilClose?: true;
}

export const goodSamples: readonly GoodSample[] = [
  { name: "a counted body", wire: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello" },
  {
    name: "headers in odd case",
    wire: "HTTP/1.1 200 OK\r\ncOnTeNt-LENGTH:2\r\nLAMBDA-runtime-AWS-request-ID: \t A_b \r\n\r\n{}",
    status: 200,
    body: "{}",
    headers: { "lambda-runtime-aws-request-id": "A_b" },
  },
  { name: "an empty counted body", wire: "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", status: 202, body: "" },
  { name: "no reason phrase", wire: "HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", status: 200, body: "x" },
  { name: "an empty reason phrase", wire: "HTTP/1.1 500 \r\nContent-Length: 1\r\n\r\nx", status: 500, body: "x" },
  {
    name: "one chunk",
    wire: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    status: 200,
    body: "hello",
  },
  {
    name: "chunks of one byte, in odd case",
    wire: "HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n1\r\nh\r\n1\r\ni\r\n00\r\n\r\n",
    status: 200,
    body: "hi",
  },
  {
    name: "chunk extensions and trailers",
    wire: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA;a=b;c="d"\r\n0123456789\r\n0\r\nX-Trailer: yes\r\n\r\n',
    status: 200,
    body: "0123456789",
  },
  {
    name: "line ends inside bodies",
    wire: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n\r\n0\r\n\r\r\n0\r\n\r\n",
    status: 200,
    body: "\r\n0\r\n\r",
  },
  { name: "a 204", wire: "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", status: 204, body: "", headers: { x: "y" } },
  {
    name: "a 304 with a length",
    wire: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    status: 304,
    body: "",
  },
  {
    name: "a 100 and a 103 before it",
    wire: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    status: 200,
    body: "x",
  },
  {
    name: "a repeated header",
    wire: "HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nContent-Length: 0\r\n\r\n",
    status: 200,
    body: "",
    headers: { a: "1, 2" },
  },
  {
    name: "an empty header and bytes above ASCII",
    wire: "HTTP/1.1 200 OK\r\nEmpty:\r\nHigh: \xc3\xa9\r\nContent-Length: 2\r\n\r\n\xc3\xa9",
    status: 200,
    body: "\xc3\xa9",
    headers: { empty: "", high: "\xc3\xa9" },
  },
  { name: "a body until the close", wire: "HTTP/1.1 200 OK\r\n\r\nrest", status: 200, body: "rest", untilClose: true },
  {
    name: "an HTTP/1.0 response",
    wire: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    status: 200,
    body: "ok",
  },
];

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

/** What, its code, its bytes. */
export const malformedSamples: readonly (readonly [string, string, string])[] = [
  ["the same length twice", "DUPLICATE_LENGTH", `${ok}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
  ["two lengths", "DUPLICATE_LENGTH", `${ok}Content-Length: 1\r\ncontent-length: 2\r\n\r\nxy`],
  ["a list of lengths", "BAD_LENGTH", `${ok}Content-Length: 1, 1\r\n\r\nx`],
  ["a signed length", "BAD_LENGTH", `${ok}Content-Length: +1\r\n\r\nx`],
  ["a negative length", "BAD_LENGTH", `${ok}Content-Length: -1\r\n\r\nx`],
  ["a hexadecimal length", "BAD_LENGTH", `${ok}Content-Length: 0x1\r\n\r\nx`],
  ["an empty length", "BAD_LENGTH", `${ok}Content-Length: \r\n\r\nx`],
  ["an endless length", "BAD_LENGTH", `${ok}Content-Length: 99999999999999999999\r\n\r\nx`],
  [
    "a length and chunks",
    "LENGTH_AND_CHUNKED",
    `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  ["an encoding on top", "BAD_TRANSFER_ENCODING", `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ["chunked twice", "BAD_TRANSFER_ENCODING", `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["an unknown encoding", "BAD_TRANSFER_ENCODING", `${ok}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["a tab behind the encoding", "BAD_TRANSFER_ENCODING", `${ok}Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n`],
  ["an interim response in HTTP/1.0", "BAD_STATUS_LINE", `HTTP/1.0 100 Continue\r\n\r\n${ok}Content-Length: 0\r\n\r\n`],
  ["chunks in HTTP/1.0", "BAD_TRANSFER_ENCODING", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["a bare line feed after the status", "BARE_LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"],
  ["a bare line feed after a header", "BARE_LF", `${ok}Content-Length: 0\n\r\n`],
  ["a bare line feed at the end", "BARE_LF", `${ok}Content-Length: 0\r\n\n`],
  ["a bare line feed in a chunk line", "BARE_LF", `${chunked}1\nx\r\n0\r\n\r\n`],
  ["a carriage return inside a header", "BARE_CR", `${ok}A: b\rC: d\r\nContent-Length: 0\r\n\r\n`],
  ["a folded header", "OBS_FOLD", `${ok}A: b\r\n c\r\nContent-Length: 0\r\n\r\n`],
  ["a space before the colon", "BAD_HEADER", `${ok}Content-Length : 0\r\n\r\n`],
  ["a header without a colon", "BAD_HEADER", `${ok}Content-Length\r\n\r\n`],
  ["a header without a name", "BAD_HEADER", `${ok}: x\r\n\r\n`],
  ["a NUL in a header", "BAD_HEADER", `${ok}A: \0\r\n\r\n`],
  ["another protocol", "BAD_STATUS_LINE", "HTTP/2 200 OK\r\n\r\n"],
  ["no protocol", "BAD_STATUS_LINE", "hello\r\n\r\n"],
  ["an empty first line", "BAD_STATUS_LINE", `\r\n${ok}\r\n`],
  ["a status of two digits", "BAD_STATUS_LINE", "HTTP/1.1 20 OK\r\n\r\n"],
  ["a status of four digits", "BAD_STATUS_LINE", "HTTP/1.1 2000 OK\r\n\r\n"],
  ["two spaces before the status", "BAD_STATUS_LINE", "HTTP/1.1  200 OK\r\n\r\n"],
  ["an upgrade nobody asked for", "BAD_STATUS_LINE", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["a chunk size that is no number", "BAD_CHUNK", `${chunked}g\r\n`],
  ["a chunk size with a prefix", "BAD_CHUNK", `${chunked}0x1\r\nx\r\n0\r\n\r\n`],
  ["a signed chunk size", "BAD_CHUNK", `${chunked}-1\r\n`],
  ["an empty chunk size", "BAD_CHUNK", `${chunked}\r\n`],
  ["an endless chunk size", "BAD_CHUNK", `${chunked}ffffffffffffffff\r\n`],
  ["a space after the chunk size", "BAD_CHUNK", `${chunked}1 \r\nx\r\n0\r\n\r\n`],
  ["a chunk longer than it said", "BAD_CHUNK", `${chunked}1\r\nxy\r\n0\r\n\r\n`],
  ["an endless chunk extension", "BAD_CHUNK", `${chunked}1;${"a".repeat(2000)}\r\nx\r\n0\r\n\r\n`],
  ["a length behind the body", "BAD_HEADER", `${chunked}0\r\nContent-Length: 5\r\n\r\n`],
  ["an encoding behind the body", "BAD_HEADER", `${chunked}0\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["a malformed trailer", "BAD_HEADER", `${chunked}0\r\nbad trailer\r\n\r\n`],
  ["endless headers", "HEAD_TOO_LONG", `${ok}${"A: b\r\n".repeat(12_000)}\r\n`],
  ["one endless header", "HEAD_TOO_LONG", `${ok}A: ${"b".repeat(70_000)}`],
  ["endless trailers", "HEAD_TOO_LONG", `${chunked}0\r\n${"A: b\r\n".repeat(12_000)}\r\n`],
  ["endless interim responses", "HEAD_TOO_LONG", "HTTP/1.1 100 Continue\r\n\r\n".repeat(3_000)],
];
