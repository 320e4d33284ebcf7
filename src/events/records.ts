import { z } from "zod";

/** Events that bring records: queues, streams, topics, buckets, mail. Bytes are base64 in all of them. */

const base64 = z.string();

export const sqsRecord = z.looseObject({
  messageId: z.string(),
  receiptHandle: z.string(),
  body: z.string(),
  md5OfBody: z.string(),
  attributes: z.record(z.string(), z.string()),
  messageAttributes: z.record(
    z.string(),
    z.looseObject({ dataType: z.string(), stringValue: z.string().optional(), binaryValue: base64.optional() }),
  ),
  eventSource: z.literal("aws:sqs"),
  eventSourceARN: z.string(),
  awsRegion: z.string(),
});
export const sqsEvent = z.looseObject({ Records: z.array(sqsRecord) });

export const snsRecord = z.looseObject({
  EventSource: z.literal("aws:sns"),
  EventVersion: z.string(),
  EventSubscriptionArn: z.string(),
  Sns: z.looseObject({
    MessageId: z.string(),
    Type: z.string(),
    TopicArn: z.string(),
    Subject: z.string().nullish(),
    Message: z.string(),
    Timestamp: z.string(),
    MessageAttributes: z.record(z.string(), z.looseObject({ Type: z.string(), Value: z.string() })),
  }),
});
export const snsEvent = z.looseObject({ Records: z.array(snsRecord) });

export const s3Record = z.looseObject({
  eventVersion: z.string(),
  eventSource: z.literal("aws:s3"),
  awsRegion: z.string(),
  eventTime: z.string(),
  eventName: z.string(),
  s3: z.looseObject({
    bucket: z.looseObject({ name: z.string(), arn: z.string() }),
    /** The key is URL-encoded, with `+` for a blank. */
    object: z.looseObject({
      key: z.string(),
      size: z.number().optional(),
      eTag: z.string().optional(),
      versionId: z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});
export const s3Event = z.looseObject({ Records: z.array(s3Record) });

/** One attribute of an item, with its type as the key. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: boolean }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Readonly<Record<string, AttributeValue>> };

export const attributeValue: z.ZodType<AttributeValue> = z.lazy(() =>
  z.union([
    z.strictObject({ S: z.string() }),
    z.strictObject({ N: z.string() }),
    z.strictObject({ B: base64 }),
    z.strictObject({ BOOL: z.boolean() }),
    z.strictObject({ NULL: z.boolean() }),
    z.strictObject({ SS: z.array(z.string()) }),
    z.strictObject({ NS: z.array(z.string()) }),
    z.strictObject({ BS: z.array(base64) }),
    z.strictObject({ L: z.array(attributeValue) }),
    z.strictObject({ M: z.record(z.string(), attributeValue) }),
  ]),
);

const item = z.record(z.string(), attributeValue);

/** What a tumbling window adds to an event of a stream. */
const window = {
  window: z.looseObject({ start: z.string(), end: z.string() }).optional(),
  state: z.record(z.string(), z.unknown()).optional(),
  isFinalInvokeForWindow: z.boolean().optional(),
  isWindowTerminatedEarly: z.boolean().optional(),
} as const;

export const dynamoDbRecord = z.looseObject({
  eventID: z.string(),
  eventName: z.enum(["INSERT", "MODIFY", "REMOVE"]),
  eventSource: z.literal("aws:dynamodb"),
  awsRegion: z.string(),
  eventSourceARN: z.string(),
  dynamodb: z.looseObject({
    Keys: item.optional(),
    NewImage: item.optional(),
    OldImage: item.optional(),
    SequenceNumber: z.string(),
    StreamViewType: z.enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]),
    ApproximateCreationDateTime: z.number().optional(),
  }),
});
export const dynamoDbStreamEvent = z.looseObject({ Records: z.array(dynamoDbRecord), ...window });

export const kinesisRecord = z.looseObject({
  eventID: z.string(),
  eventName: z.string(),
  eventSource: z.literal("aws:kinesis"),
  awsRegion: z.string(),
  eventSourceARN: z.string(),
  kinesis: z.looseObject({
    partitionKey: z.string(),
    sequenceNumber: z.string(),
    data: base64,
    approximateArrivalTimestamp: z.number(),
  }),
});
export const kinesisStreamEvent = z.looseObject({ Records: z.array(kinesisRecord), ...window });

export const firehoseEvent = z.looseObject({
  invocationId: z.string(),
  deliveryStreamArn: z.string(),
  region: z.string(),
  records: z.array(z.looseObject({ recordId: z.string(), approximateArrivalTimestamp: z.number(), data: base64 })),
});

/** Amazon MSK or a cluster of one's own; records by `topic-partition`. */
export const kafkaEvent = z.looseObject({
  eventSource: z.enum(["aws:kafka", "SelfManagedKafka"]),
  bootstrapServers: z.string(),
  records: z.record(
    z.string(),
    z.array(
      z.looseObject({
        topic: z.string(),
        partition: z.number(),
        offset: z.number(),
        timestamp: z.number(),
        timestampType: z.string(),
        key: base64.nullish(),
        value: base64.nullish(),
        headers: z.array(z.record(z.string(), z.array(z.number()))).optional(),
      }),
    ),
  ),
});

export const activeMqEvent = z.looseObject({
  eventSource: z.literal("aws:mq"),
  eventSourceArn: z.string(),
  messages: z.array(
    z.looseObject({ messageID: z.string(), messageType: z.string(), data: base64, redelivered: z.boolean() }),
  ),
});

export const rabbitMqEvent = z.looseObject({
  eventSource: z.literal("aws:rmq"),
  eventSourceArn: z.string(),
  rmqMessagesByQueue: z.record(
    z.string(),
    z.array(z.looseObject({ basicProperties: z.looseObject({}), redelivered: z.boolean(), data: base64 })),
  ),
});

const verdict = z.looseObject({ status: z.string() });

/** A mail that SES received. */
export const sesEvent = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventSource: z.literal("aws:ses"),
      eventVersion: z.string(),
      ses: z.looseObject({
        mail: z.looseObject({
          messageId: z.string(),
          source: z.string(),
          timestamp: z.string(),
          destination: z.array(z.string()),
          headers: z.array(z.looseObject({ name: z.string(), value: z.string() })),
        }),
        receipt: z.looseObject({ recipients: z.array(z.string()), spamVerdict: verdict, virusVerdict: verdict }),
      }),
    }),
  ),
});
