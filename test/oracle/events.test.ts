/** The schemas of `bootlace/events` against samples that AWS publishes with its Go package. They lie outside: see CONTRIBUTING. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { z } from "zod";
import * as events from "../../src/events/index.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("an event schema");
const folder = join(process.env.BOOTLACE_ORACLE ?? join(import.meta.dirname, "../../../shared/oracle"), "events");

/** What another schema takes by right: the shapes are equal where it matters. */
const lookalikes: Readonly<Partial<Record<string, readonly string[]>>> = {
  // A WebSocket API and a request authorizer send the request of a REST API and more.
  apiGatewayProxyEvent: [
    "apigw-custom-auth-request-type-request.json",
    "apigw-v2-custom-authorizer-v1-request.json",
    "apigw-websocket-request.json",
  ],
  // Payload format 1.0 is that of REST APIs.
  apiGatewayRequestAuthorizerEvent: ["apigw-v2-custom-authorizer-v1-request.json"],
  // A function URL speaks payload format 2.0 without routes.
  functionUrlEvent: [
    "apigw-v2-request-iam.json",
    "apigw-v2-request-jwt-authorizer.json",
    "apigw-v2-request-lambda-authorizer.json",
    "apigw-v2-request-no-authorizer.json",
  ],
};

/** Which samples are events of which schema. */
const samples: readonly (readonly [keyof typeof events & `${string}Event${"" | "V2"}`, RegExp])[] = [
  ["apiGatewayProxyEvent", /^apigw-(request|restapi-openapi-request)\.json$/],
  ["apiGatewayWebSocketEvent", /^apigw-websocket-request/],
  ["apiGatewayProxyEventV2", /^apigw-v2-request/],
  ["apiGatewayTokenAuthorizerEvent", /^apigw-custom-auth-request\.json$/],
  ["apiGatewayRequestAuthorizerEvent", /^apigw-custom-auth-request-type/],
  ["apiGatewayAuthorizerEventV2", /^apigw-v2-custom-authorizer-v2/],
  ["appSyncAuthorizerEvent", /^appsync-lambda-auth-request/],
  ["functionUrlEvent", /^lambda-urls-request/],
  ["albEvent", /^alb-lambda-target-request/],
  ["sqsEvent", /^sqs-event/],
  ["snsEvent", /^(sns-event|cloudwatch-alarm-sns)/],
  ["s3Event", /^s3-(event|glacier|intelligenttier|lifecycle|replication|restore).*\.json$/],
  ["dynamoDbStreamEvent", /^dynamodb-(event|time-window-event)\.json$/],
  ["kinesisStreamEvent", /^kinesis-(event|time-window)/],
  ["firehoseEvent", /^kinesis-firehose-event/],
  ["kafkaEvent", /^kafka/],
  ["activeMqEvent", /^activemq/],
  ["rabbitMqEvent", /^rabbitmq/],
  ["sesEvent", /^ses-/],
  ["eventBridgeEvent", /^(autoscaling|codebuild|codedeploy|codepipeline-(action|execution)|ecr|ecs)/],
  ["cloudWatchLogsEvent", /^cloudwatch-logs-event/],
  ["cognitoTriggerEvent", /^cognito-event-userpools/],
  ["secretRotationEvent", /^secretsmanager/],
  ["codePipelineJobEvent", /^codepipeline-job/],
  ["codeCommitEvent", /^code-commit/],
  ["configRuleEvent", /^config-event/],
  ["connectEvent", /^connect-event/],
  ["s3ObjectLambdaEvent", /^s3-object-lambda/],
  ["s3BatchEvent", /^s3-batch-job-event-request/],
  ["iotAuthorizerEvent", /^iot-custom-auth-request/],
];

if (!existsSync(folder)) {
  test("is compared with samples", () =>
    skip(`there are none in "${folder}"; name their folder's parent in BOOTLACE_ORACLE`));
} else {
  const files = readdirSync(folder).filter((file) => isJson(readFileSync(join(folder, file), "utf8")));
  const schemas: Readonly<Record<string, unknown>> = events;
  for (const [name, pattern] of samples) {
    // as: every name above is that of a schema.
    const schema = schemas[name] as z.ZodType;
    for (const file of files.filter((candidate) => pattern.test(candidate)))
      test(`${name} takes ${file} and changes nothing in it`, () => {
        const sample = JSON.parse(readFileSync(join(folder, file), "utf8"));
        assert.equal(schema.parse(sample), sample);
      });
    test(`${name} has a sample, and takes none of another kind`, () => {
      assert.ok(files.some((file) => pattern.test(file)));
      const taken = files.filter(
        (file) => !pattern.test(file) && schema.safeParse(JSON.parse(readFileSync(join(folder, file), "utf8"))).success,
      );
      assert.equal(taken, lookalikes[name] ?? []);
    });
  }
}

test.run();

/** One of the samples is there for parsers that must refuse it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
