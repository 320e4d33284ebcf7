import type { RuntimeCase } from "../runtime-case.ts";
import { next, responseTo } from "./requests.ts";

/** RT-BOOT, second part: surroundings in which a runtime has to come up. */
export const runtimeStartCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-BOOT-004",
    level: "must",
    sentence: "The handler is found through LAMBDA_TASK_ROOT, whatever the working directory is",
    why: "Wrappers and images start the runtime elsewhere, and then no function would be found",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["RT-INV-001"],
    needs: {},
    start: { folder: "/" },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b004", event: "{}" }],
    expect: [{ type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b004", by: ["response"] }],
  },
  {
    subject: "runtime",
    id: "RT-BOOT-006",
    level: "must",
    sentence: "The Runtime API is reached directly, even when HTTP_PROXY and http_proxy name a proxy",
    why: "Functions set them for their own traffic; through a proxy the loop never gets an event",
    source: "aws-lambda-cpp runtime.cpp, which turns proxies off",
    dependsOn: ["RT-INV-001"],
    needs: {},
    start: {
      variables: {
        HTTP_PROXY: "http://127.0.0.1:1",
        http_proxy: "http://127.0.0.1:1",
        ALL_PROXY: "http://127.0.0.1:1",
        NO_PROXY: null,
        no_proxy: null,
      },
    },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b006", event: "{}" }],
    expect: [{ type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b006", by: ["response"] }],
  },
  {
    subject: "runtime",
    id: "RT-BOOT-008",
    level: "should",
    sentence: "The runtime comes up where its working directory cannot be written to",
    why: "Lambda's file system is read-only except for /tmp",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["RT-BOOT-004"],
    needs: {},
    // Nobody can make a file there, not even root.
    start: { folder: "/proc" },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b008", event: "{}" }],
    expect: [{ type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b008", by: ["response"] }],
  },
  {
    subject: "runtime",
    id: "RT-BOOT-009",
    level: "must",
    sentence: "Without AWS_LAMBDA_RUNTIME_API the process ends at once with a failure, and says something",
    why: "Started by hand, it would otherwise hang or spin, and nobody would know why",
    source: "aws-lambda-ruby-runtime-interface-client lib/aws_lambda_ric.rb",
    dependsOn: ["RT-BOOT-002"],
    needs: {},
    start: { variables: { AWS_LAMBDA_RUNTIME_API: null } },
    moves: [{ type: "init" }],
    expect: [
      { type: "exit", after: "start", withinMs: 8_000, status: "failing" },
      { type: "printed", pattern: "\\S" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-013",
    level: "should",
    sentence: "The runtime starts without the variables for its log group and its log stream",
    why: "In an environment that was restored from a snapshot the log variables are not set",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    dependsOn: ["RT-INV-001"],
    needs: {},
    start: {
      variables: {
        AWS_LAMBDA_LOG_GROUP_NAME: null,
        AWS_LAMBDA_LOG_STREAM_NAME: null,
      },
    },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b013", event: "{}" }],
    expect: [
      { type: "request-json", request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b013"), is: { any: true } },
      { type: "order", requests: [next, responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4b013")] },
    ],
  },
];
