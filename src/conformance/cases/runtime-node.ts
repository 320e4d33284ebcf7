import type { RuntimeCase } from "../runtime-case.ts";
import { responseTo } from "./requests.ts";

/** What only runtimes of the Node family can be asked. */
export const runtimeNodeCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-ERR-016",
    level: "may",
    sentence: "A handler whose promise nothing is left to settle is answered, and not waited for until the time-out",
    why: "Nothing can happen any more: each second of waiting is paid for",
    source: "aws-lambda-nodejs-runtime-interface-client, Runtime.NodeJsExit",
    dependsOn: ["RT-ERR-001"],
    declares: "node-family",
    needs: { operations: ["never"] },
    timeoutMs: 6_000,
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a43016", event: '{"op":"never"}' },
    ],
    expect: [{ type: "settled", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a43016" }],
  },
  {
    subject: "runtime",
    id: "RT-HDL-001",
    level: "may",
    sentence: "A handler's name may lead through a folder, an ES module called .js, and properties of an export",
    why: "Functions of the managed runtime have such names, and run unchanged",
    source: "aws-lambda-nodejs-runtime-interface-client, UserFunction",
    dependsOn: ["RT-INV-001"],
    leavesOpen: "One name has it all but .cjs, which would need a handler, and so a start, of its own",
    declares: "node-family",
    needs: { init: "nested" },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a48001", event: "{}" }],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a48001"),
        is: { equals: { nested: true } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-HDL-002",
    level: "may",
    sentence: "A handler that is not among the function's files is looked for in the folders of NODE_PATH",
    why: "Handlers of wrappers are in layers, and the managed runtime finds them there",
    source: "aws-lambda-nodejs-runtime-interface-client, UserFunction",
    dependsOn: ["RT-INV-001"],
    leavesOpen:
      "A folder of the fixture stands for the layer's, because /opt belongs to the runtime that is judged; what NODE_PATH is without the case is the environment's",
    declares: "node-family",
    needs: { init: "from-a-layer" },
    start: { taskFolders: { NODE_PATH: "layer" } },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a48002", event: "{}" }],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a48002"),
        is: { equals: { layer: true } },
      },
    ],
  },
];
