import { z } from "zod";

/** Events that stand for an HTTP request, and those that ask who may make one. */

const texts = z.record(z.string(), z.string());
const lists = z.record(z.string(), z.array(z.string()));
const none = z.null().optional();
/** API Gateway writes `null` where there is nothing, or leaves it out. */
const textsOrNone = texts.or(none);

const clientCertificate = z.looseObject({
  clientCertPem: z.string(),
  subjectDN: z.string(),
  issuerDN: z.string(),
  serialNumber: z.string(),
  validity: z.looseObject({ notBefore: z.string(), notAfter: z.string() }),
});

const restRequestContext = z.looseObject({
  accountId: z.string(),
  apiId: z.string(),
  stage: z.string(),
  requestId: z.string(),
  identity: z.looseObject({ sourceIp: z.string().nullish(), userAgent: z.string().nullish() }),
  authorizer: z.record(z.string(), z.unknown()).nullish(),
});

const restRequest = {
  resource: z.string(),
  path: z.string(),
  httpMethod: z.string(),
  headers: textsOrNone,
  multiValueHeaders: lists.or(none),
  queryStringParameters: textsOrNone,
  multiValueQueryStringParameters: lists.or(none),
  pathParameters: textsOrNone,
  stageVariables: textsOrNone,
} as const;

/** A REST API of API Gateway, or an HTTP API with payload format 1.0. */
export const apiGatewayProxyEvent = z.looseObject({
  ...restRequest,
  requestContext: restRequestContext,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().optional(),
});

/** A message, a connection or the end of one on a WebSocket API. Messages have no headers. */
export const apiGatewayWebSocketEvent = z.looseObject({
  requestContext: z.looseObject({
    routeKey: z.string(),
    eventType: z.enum(["CONNECT", "MESSAGE", "DISCONNECT"]),
    connectionId: z.string(),
    domainName: z.string(),
    stage: z.string(),
    requestId: z.string(),
  }),
  headers: textsOrNone,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().optional(),
});

const requestContextV2 = z.looseObject({
  accountId: z.string(),
  apiId: z.string(),
  domainName: z.string(),
  domainPrefix: z.string(),
  requestId: z.string(),
  time: z.string(),
  timeEpoch: z.number(),
  http: z.looseObject({
    method: z.string(),
    path: z.string(),
    protocol: z.string(),
    sourceIp: z.string(),
    userAgent: z.string(),
  }),
  authentication: z.looseObject({ clientCert: clientCertificate }).nullish(),
});

const requestV2 = {
  rawPath: z.string(),
  rawQueryString: z.string(),
  cookies: z.array(z.string()).optional(),
  headers: texts,
  queryStringParameters: texts.optional(),
  pathParameters: texts.optional(),
  stageVariables: texts.optional(),
} as const;

/** An HTTP API with payload format 2.0. */
export const apiGatewayProxyEventV2 = z.looseObject({
  ...requestV2,
  version: z.literal("2.0"),
  routeKey: z.string(),
  requestContext: z.looseObject({
    ...requestContextV2.shape,
    routeKey: z.string(),
    stage: z.string(),
    authorizer: z
      .looseObject({
        iam: z.looseObject({ accessKey: z.string(), accountId: z.string(), userArn: z.string() }).nullish(),
        jwt: z
          .looseObject({ claims: z.record(z.string(), z.unknown()), scopes: z.array(z.string()).nullish() })
          .nullish(),
        lambda: z.record(z.string(), z.unknown()).nullish(),
      })
      .optional(),
  }),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
});

/** A function URL, which speaks payload format 2.0. */
export const functionUrlEvent = z.looseObject({
  ...requestV2,
  version: z.literal("2.0"),
  requestContext: requestContextV2,
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
});

/** An Application Load Balancer; with multi-value headers switched on, the plain ones are absent. */
export const albEvent = z.looseObject({
  requestContext: z.looseObject({ elb: z.looseObject({ targetGroupArn: z.string() }) }),
  httpMethod: z.string(),
  path: z.string(),
  headers: texts.optional(),
  multiValueHeaders: lists.optional(),
  queryStringParameters: texts.optional(),
  multiValueQueryStringParameters: lists.optional(),
  body: z.string(),
  isBase64Encoded: z.boolean(),
});

/** A Lambda authorizer of a REST API that is given a token. */
export const apiGatewayTokenAuthorizerEvent = z.looseObject({
  type: z.literal("TOKEN"),
  authorizationToken: z.string(),
  methodArn: z.string(),
});

/** A Lambda authorizer of a REST API that is given the request. */
export const apiGatewayRequestAuthorizerEvent = z.looseObject({
  ...restRequest,
  type: z.literal("REQUEST"),
  methodArn: z.string(),
});

/** A Lambda authorizer of an HTTP API, payload format 2.0. */
export const apiGatewayAuthorizerEventV2 = z.looseObject({
  ...requestV2,
  version: z.literal("2.0"),
  type: z.literal("REQUEST"),
  routeArn: z.string(),
  routeKey: z.string(),
  identitySource: z.array(z.string()).nullish(),
  requestContext: z.looseObject({ ...requestContextV2.shape, routeKey: z.string(), stage: z.string() }),
});

/** A Lambda authorizer of AppSync. */
export const appSyncAuthorizerEvent = z.looseObject({
  authorizationToken: z.string(),
  requestContext: z.looseObject({
    apiId: z.string(),
    accountId: z.string(),
    requestId: z.string(),
    queryString: z.string(),
    operationName: z.string().nullish(),
    variables: z.record(z.string(), z.unknown()).nullish(),
  }),
});
