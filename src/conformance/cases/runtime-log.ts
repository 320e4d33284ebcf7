import type { RuntimeCase } from "../runtime-case.ts";

const guide = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html";
const ids = {
  json: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49103",
  level: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49104",
  text: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49105",
  frames: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49106",
  error: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49108",
};
const time = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d";

/** RT-LOG: the formats of what a function logs, for runtimes that say that they have them. */
export const runtimeLogCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-LOG-003",
    level: "may",
    sentence:
      "Where JSON logs are asked for, what a function logs is an object with its time, level, request id and message",
    why: "Whoever searches his logs by these fields finds nothing otherwise",
    source: guide,
    dependsOn: ["RT-INV-001"],
    declares: "json-logs",
    needs: { operations: ["say"] },
    start: { variables: { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "INFO" } },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: ids.json, event: '{"op":"say","ms":0,"word":"a word in JSON"}' },
      { type: "watch", ms: 100 },
    ],
    expect: [
      {
        type: "printed-json",
        message: "a word in JSON",
        fields: [
          { names: ["timestamp"], matches: time },
          { names: ["level"], matches: "^INFO$" },
          { names: ["requestId", "AWSRequestId"], matches: `^${ids.json}$` },
        ],
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-LOG-004",
    level: "may",
    sentence:
      "Where only errors are asked for, other lines are left out, or tell their level so that Lambda can leave them out",
    why: "Each line that was to be left out is paid for",
    source: guide,
    dependsOn: ["RT-LOG-003"],
    declares: "json-logs",
    needs: { operations: ["say"] },
    start: { variables: { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "ERROR" } },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: ids.level, event: '{"op":"say","ms":0,"word":"a word of little weight"}' },
      { type: "watch", ms: 100 },
    ],
    expect: [
      { type: "answered", requestId: ids.level, by: ["response"] },
      {
        type: "printed-json",
        message: "a word of little weight",
        fields: [{ names: ["level"], matches: "^INFO$" }],
        orAbsent: true,
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-LOG-005",
    level: "may",
    sentence: "Where JSON logs are not asked for, a line tells its time, request id and level before its message",
    why: "Lines of several environments are read side by side",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html",
    dependsOn: ["RT-INV-001"],
    declares: "text-logs",
    needs: { operations: ["say"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: ids.text, event: '{"op":"say","ms":0,"word":"a word in text"}' },
      { type: "watch", ms: 100 },
    ],
    expect: [
      { type: "printed-once", texts: [ids.text, "INFO", "a word in text"] },
      { type: "printed", pattern: "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*a word in text" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-LOG-006",
    level: "may",
    sentence: "Where a descriptor for the log is open, what a function logs is one frame there, with its line ends",
    why: "Frames are how the managed images keep a message of several lines together",
    source: "aws-lambda-nodejs-runtime-interface-client, LogPatch; awslambdaric, lambda_runtime_log_utils",
    dependsOn: ["RT-INV-001"],
    leavesOpen:
      "Whether the variable is gone from the function's environment is not asked: AWS's own clients differ, Java's leaves it",
    declares: "log-descriptor",
    needs: { operations: ["say"] },
    start: {
      variables: { AWS_LAMBDA_LOG_LEVEL: "INFO" },
      descriptor: { number: 3, variable: "_LAMBDA_TELEMETRY_LOG_FD" },
    },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: ids.frames, event: '{"op":"say","ms":0,"word":"the first line\\nand the second"}' },
      { type: "watch", ms: 100 },
    ],
    expect: [
      { type: "answered", requestId: ids.frames, by: ["response"] },
      // Text without a level, or with INFO.
      { type: "framed", text: "the first line\nand the second", types: [0xa55a0003, 0xa55a000f] },
    ],
  },
  {
    subject: "runtime",
    id: "RT-LOG-008",
    level: "may",
    sentence: "An error that is reported is logged as well, once, and with its request id",
    why: "The caller may have thrown the answer away; the log is what remains",
    source: "all of AWS's own clients",
    dependsOn: ["RT-ERR-001", "RT-LOG-005"],
    leavesOpen: "It is asked of text only: how an error is spread over the fields of a JSON log differs by language",
    declares: "text-logs",
    needs: { operations: ["throw-custom"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: ids.error,
        event: '{"op":"throw-custom","name":"Unheard","message":"to be heard once"}',
      },
      { type: "watch", ms: 100 },
    ],
    expect: [{ type: "printed-once", texts: [ids.error, "to be heard once"] }],
  },
];
