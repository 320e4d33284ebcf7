import * as assert from "uvu/assert";
import { redactedHeader, redactedText, redactedValue } from "../../../src/extension/recording/redaction.ts";
import { suite } from "../../helpers/suite.ts";

const test = suite("redaction");
const gone = "[redacted]";

for (const [what, text, expected] of [
  ["a field", '{"password":"p","user":"u"}', `{"password":"${gone}","user":"u"}`],
  [
    "fields in any spelling",
    '{"x-Api_Key":"p","Client_Secret":7}',
    `{"x-Api_Key":"${gone}","Client_Secret":"${gone}"}`,
  ],
  ["a field with an object", '{"credentials":{"id":1}}', `{"credentials":"${gone}"}`],
  ["a list of cookies", '{"cookies":["a=b"]}', `{"cookies":"${gone}"}`],
  ["JSON inside a string", '{"body":"{\\"token\\":\\"p\\"}"}', `{"body":"{\\"token\\":\\"${gone}\\"}"}`],
  ["a form inside a string", '{"body":"user=u&password=p&x=1"}', `{"body":"user=u&password=${gone}&x=1"}`],
  ["a query", '{"rawQueryString":"a=1&access_token=p"}', `{"rawQueryString":"a=1&access_token=${gone}"}`],
  [
    "base64",
    '{"body":"c2VjcmV0","isBase64Encoded":true}',
    '{"body":"[8 characters of base64]","isBase64Encoded":true}',
  ],
  ["the beginning of JSON", '{"a":1, "password": "very long', `{"a":1, "password": "${gone}"`],
  ["the beginning of JSON in JSON", '{"body":"{\\"token\\": \\"abc', `{"body":"{\\"token\\": \\"${gone}\\"`],
  ["a number in a line", 'INFO {"secret": 12345, "n": 1} done', `INFO {"secret": "${gone}", "n": 1} done`],
  [
    "metadata before a body",
    `{"headers":{"set-cookie":"p"}}${"\0".repeat(8)}hi`,
    `{"headers":{"set-cookie":"${gone}"}}${"\0".repeat(8)}hi`,
  ],
  ["an access key", "key AKIAIOSFODNN7EXAMPLE here", `key ${gone} here`],
  ["a web token", "got eyJhbGciOi.eyJzdWIi.c2ln!", `got ${gone}!`],
  ["a bearer", "Authorization was Bearer abcdef0123456789", `Authorization was Bearer ${gone}`],
  ["a private key", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\n", `${gone}\n`],
] as const) {
  test(`takes out ${what}`, () => assert.is(redactedText(text), expected));
}

test("leaves text without a secret as it was, byte for byte", () => {
  for (const text of ['{ "n": 1.0, "n": 12345678901234567890 }', "plain = text", '{"password":null}', "[1, 2", ""])
    assert.is(redactedText(text), text);
});

test("looks at headers by name and by value", () => {
  assert.equal(
    ["Authorization: Basic eA==", "Cookie:a=b", "Host: 127.0.0.1:9001", "GET /x?token=p HTTP/1.1"].map(redactedHeader),
    [`Authorization: ${gone}`, `Cookie: ${gone}`, "Host: 127.0.0.1:9001", `GET /x?token=${gone} HTTP/1.1`],
  );
  assert.is(
    redactedHeader('Lambda-Runtime-Client-Context: {"custom":{"password":"p"}}'),
    `Lambda-Runtime-Client-Context: {"custom":{"password":"${gone}"}}`,
  );
});

test("ends with an event that is nested without end", () => {
  const deep = `${"[".repeat(5_000)}${'"Bearer abcdefghijkl"'}${"]".repeat(5_000)}`;
  assert.not.match(redactedText(deep), "abcdefghijkl");
  const inside = Array.from({ length: 12 }).reduce<string>((text) => JSON.stringify({ body: text }), '{"token":"p-1"}');
  assert.not.match(String(redactedValue(inside)), "p-1");
});

test("takes no longer for a text that is made to be slow", () => {
  for (const text of [
    '"'.repeat(16_384),
    "\\".repeat(16_384),
    '\\"a'.repeat(5_000),
    "a=".repeat(8_000),
    '"password":"'.repeat(1_300),
  ])
    redactedText(text);
});

test.run();
