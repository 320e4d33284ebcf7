/** Header names as Lambda spells them; HTTP compares them without regard to case. */
export const headers = {
  requestId: "Lambda-Runtime-Aws-Request-Id",
  invocationId: "Lambda-Runtime-Invocation-Id",
  deadlineMs: "Lambda-Runtime-Deadline-Ms",
  invokedFunctionArn: "Lambda-Runtime-Invoked-Function-Arn",
  traceId: "Lambda-Runtime-Trace-Id",
  clientContext: "Lambda-Runtime-Client-Context",
  cognitoIdentity: "Lambda-Runtime-Cognito-Identity",
  tenantId: "Lambda-Runtime-Aws-Tenant-Id",
  responseMode: "Lambda-Runtime-Function-Response-Mode",
  functionErrorType: "Lambda-Runtime-Function-Error-Type",
  functionErrorBody: "Lambda-Runtime-Function-Error-Body",
  xrayErrorCause: "Lambda-Runtime-Function-XRay-Error-Cause",
  extensionName: "Lambda-Extension-Name",
  extensionIdentifier: "Lambda-Extension-Identifier",
  extensionEventIdentifier: "Lambda-Extension-Event-Identifier",
  extensionAcceptFeature: "Lambda-Extension-Accept-Feature",
  extensionFunctionErrorType: "Lambda-Extension-Function-Error-Type",
  sequenceId: "Sequence-Id",
  invocationType: "X-Amz-Invocation-Type",
  logType: "X-Amz-Log-Type",
  logResult: "X-Amz-Log-Result",
  functionError: "X-Amz-Function-Error",
  executedVersion: "X-Amz-Executed-Version",
  invokeClientContext: "X-Amz-Client-Context",
  invokeTenantId: "X-Amz-Tenant-Id",
  amznRequestId: "X-Amzn-RequestId",
  amznTraceId: "X-Amzn-Trace-Id",
  amznRemappedContentType: "X-Amzn-Remapped-Content-Type",
  amznErrorType: "X-Amzn-ErrorType",
} as const;

/** Value of the response-mode header that asks for streaming; case matters. RIE handler/invocationresponse.go */
export const streamingMode = "streaming";

/** Content type whose body begins with a JSON prelude and eight NULs. DG/runtimes-custom.html */
export const httpIntegrationContentType = "application/vnd.awslambda.http-integration-response";

/** Whether `value` may stand in a header: printable ASCII and tab, so that no payload can end a line. */
export function headerSafe(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}
