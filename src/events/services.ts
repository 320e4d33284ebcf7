import { z } from "zod";

/** Events with which a service tells that something happened, or asks for something to be done. */

/** EventBridge, and with it every service that reports there. `detail` is unknown: see `eventBridgeEventOf`. */
export const eventBridgeEvent = eventBridgeEventOf(z.unknown());

/** EventBridge with a schema of one's own for what it is about. */
export function eventBridgeEventOf<Detail extends z.ZodType>(detail: Detail) {
  return z.looseObject({
    version: z.string(),
    id: z.string(),
    "detail-type": z.string(),
    source: z.string(),
    account: z.string(),
    time: z.string(),
    region: z.string(),
    resources: z.array(z.string()),
    detail,
  });
}

/** A subscription of CloudWatch Logs: `data` is gzipped JSON in base64, whose shape is `cloudWatchLogsData`. */
export const cloudWatchLogsEvent = z.looseObject({ awslogs: z.looseObject({ data: z.string() }) });

export const cloudWatchLogsData = z.looseObject({
  messageType: z.string(),
  owner: z.string(),
  logGroup: z.string(),
  logStream: z.string(),
  subscriptionFilters: z.array(z.string()),
  logEvents: z.array(z.looseObject({ id: z.string(), timestamp: z.number(), message: z.string() })),
});

/** A trigger of a Cognito user pool, whatever kind; `response` is filled in and given back. */
export const cognitoTriggerEvent = z.looseObject({
  version: z.string(),
  triggerSource: z.string(),
  region: z.string(),
  userPoolId: z.string(),
  userName: z.string().nullish(),
  callerContext: z.looseObject({ awsSdkVersion: z.string(), clientId: z.string() }),
  request: z.looseObject({ userAttributes: z.record(z.string(), z.unknown()).nullish() }),
  response: z.looseObject({}),
});

export const secretRotationEvent = z.looseObject({
  Step: z.enum(["createSecret", "setSecret", "testSecret", "finishSecret"]),
  SecretId: z.string(),
  ClientRequestToken: z.string(),
});

export const codePipelineJobEvent = z.looseObject({
  "CodePipeline.job": z.looseObject({
    id: z.string(),
    accountId: z.string(),
    data: z.looseObject({
      actionConfiguration: z.looseObject({ configuration: z.looseObject({ FunctionName: z.string() }) }),
      inputArtifacts: z.array(z.looseObject({ name: z.string() })),
      outputArtifacts: z.array(z.looseObject({ name: z.string() })),
    }),
  }),
});

export const codeCommitEvent = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventId: z.string(),
      eventSource: z.literal("aws:codecommit"),
      eventSourceARN: z.string(),
      codecommit: z.looseObject({ references: z.array(z.looseObject({ commit: z.string(), ref: z.string() })) }),
    }),
  ),
});

/** `invokingEvent` and `ruleParameters` are JSON texts. */
export const configRuleEvent = z.looseObject({
  version: z.string(),
  invokingEvent: z.string(),
  ruleParameters: z.string().optional(),
  resultToken: z.string(),
  eventLeftScope: z.boolean(),
  configRuleName: z.string(),
  accountId: z.string(),
});

export const connectEvent = z.looseObject({
  Name: z.string(),
  Details: z.looseObject({
    ContactData: z.looseObject({ ContactId: z.string(), Channel: z.string(), InstanceARN: z.string() }),
    Parameters: z.record(z.string(), z.string()),
  }),
});

export const s3ObjectLambdaEvent = z.looseObject({
  xAmzRequestId: z.string(),
  protocolVersion: z.string(),
  configuration: z.looseObject({
    accessPointArn: z.string(),
    supportingAccessPointArn: z.string(),
    payload: z.string(),
  }),
  userRequest: z.looseObject({ url: z.string(), headers: z.record(z.string(), z.string()) }),
  userIdentity: z.looseObject({ type: z.string() }),
  getObjectContext: z
    .looseObject({ inputS3Url: z.string(), outputRoute: z.string(), outputToken: z.string() })
    .optional(),
});

/** A job of S3 Batch Operations; its tasks look different in the two versions of the invocation. */
export const s3BatchEvent = z.looseObject({
  invocationSchemaVersion: z.enum(["1.0", "2.0"]),
  invocationId: z.string(),
  job: z.looseObject({ id: z.string(), userArguments: z.record(z.string(), z.string()).nullish() }),
  tasks: z.array(
    z.looseObject({
      taskId: z.string(),
      s3Key: z.string(),
      s3VersionId: z.string().nullish(),
      s3BucketArn: z.string().optional(),
      s3Bucket: z.string().optional(),
    }),
  ),
});

export const iotAuthorizerEvent = z.looseObject({
  token: z.string().optional(),
  signatureVerified: z.boolean(),
  protocols: z.array(z.string()),
  protocolData: z.looseObject({}),
  connectionMetadata: z.looseObject({ id: z.string() }),
});
