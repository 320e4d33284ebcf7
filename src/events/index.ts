/**
 * The door `bootlace/events`: what AWS's services send to functions, as zod schemas with their types. Fields that a
 * schema does not name are let through as they are. A function pays for zod when it imports this; `bootstrap` does not.
 */
import type { z } from "zod";
import type * as http from "./http.ts";
import type * as records from "./records.ts";
import type * as services from "./services.ts";

export {
  albEvent,
  apiGatewayAuthorizerEventV2,
  apiGatewayProxyEvent,
  apiGatewayProxyEventV2,
  apiGatewayRequestAuthorizerEvent,
  apiGatewayTokenAuthorizerEvent,
  apiGatewayWebSocketEvent,
  appSyncAuthorizerEvent,
  functionUrlEvent,
} from "./http.ts";
export {
  type AttributeValue,
  activeMqEvent,
  attributeValue,
  dynamoDbRecord,
  dynamoDbStreamEvent,
  firehoseEvent,
  kafkaEvent,
  kinesisRecord,
  kinesisStreamEvent,
  rabbitMqEvent,
  s3Event,
  s3Record,
  sesEvent,
  snsEvent,
  snsRecord,
  sqsEvent,
  sqsRecord,
} from "./records.ts";
export {
  cloudWatchLogsData,
  cloudWatchLogsEvent,
  codeCommitEvent,
  codePipelineJobEvent,
  cognitoTriggerEvent,
  configRuleEvent,
  connectEvent,
  eventBridgeEvent,
  eventBridgeEventOf,
  iotAuthorizerEvent,
  s3BatchEvent,
  s3ObjectLambdaEvent,
  secretRotationEvent,
} from "./services.ts";

export type AlbEvent = z.infer<typeof http.albEvent>;
export type ApiGatewayProxyEvent = z.infer<typeof http.apiGatewayProxyEvent>;
export type ApiGatewayProxyEventV2 = z.infer<typeof http.apiGatewayProxyEventV2>;
export type FunctionUrlEvent = z.infer<typeof http.functionUrlEvent>;
export type DynamoDbStreamEvent = z.infer<typeof records.dynamoDbStreamEvent>;
export type KafkaEvent = z.infer<typeof records.kafkaEvent>;
export type KinesisStreamEvent = z.infer<typeof records.kinesisStreamEvent>;
export type S3Event = z.infer<typeof records.s3Event>;
export type SnsEvent = z.infer<typeof records.snsEvent>;
export type SqsEvent = z.infer<typeof records.sqsEvent>;
export type EventBridgeEvent = z.infer<typeof services.eventBridgeEvent>;
export type CognitoTriggerEvent = z.infer<typeof services.cognitoTriggerEvent>;
