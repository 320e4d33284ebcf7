/**
 * Lambda's numbers, each with its unit and source. Nothing else in the code states a quota.
 * Sources: DG = https://docs.aws.amazon.com/lambda/latest/dg, RIE = the official Runtime Interface Emulator's source.
 */
export const limits = {
  /** Init phase of an on-demand environment. DG/lambda-runtime-environment.html */
  initTimeoutMs: 10_000,

  /** Init phase of every other kind of environment: at least this, else the function's time-out. DG/lambda-runtime-environment.html */
  initAheadTimeoutMsMin: 130_000,

  /** Restore of a snapshot and the hooks after it. DG/snapstart-runtime-hooks.html */
  restoreTimeoutMs: 10_000,

  /** `next` calls that wait at once on Managed Instances. RIE-LMI invoke/invoke_router.go */
  idleNextCallsMax: 10_000,

  /** Body of an `/error` on Managed Instances. RIE-LMI rapi/server.go */
  managedErrorBytesMax: 1_048_576,

  /** Invocations whose late answers Managed Instances remember. RIE-LMI invoke/timeout */
  lateAnswersMax: 1_000,

  /** Concurrency of one environment on Managed Instances; Node.js has the default, for each vCPU. API_LambdaManagedInstancesCapacityProviderConfig */
  concurrencyMin: 1,
  concurrencyMax: 1_600,
  concurrencyDefault: 64,

  /** Function time-out: default and range. DG/gettingstarted-limits.html */
  timeoutMsDefault: 3_000,
  timeoutMsMin: 1_000,
  timeoutMsMax: 900_000,

  /** A function's name, and its handler's. https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html */
  functionNameCharactersMax: 64,
  handlerCharactersMax: 128,

  /** A qualifier, as the service itself says in its refusals. */
  qualifierCharactersMax: 128,

  /** Memory of a function. DG/gettingstarted-limits.html */
  memoryMbDefault: 128,
  memoryMbMin: 128,
  memoryMbMax: 10_240,

  /** A function's variables together, names and values. DG/gettingstarted-limits.html */
  environmentBytesMax: 4_096,

  /** `/tmp`. DG/gettingstarted-limits.html */
  tmpMbDefault: 512,
  tmpMbMin: 512,
  tmpMbMax: 10_240,

  /** With this much memory a function has the equivalent of one processor; otherwise in proportion. DG/configuration-memory.html */
  memoryMbPerProcessor: 1_769,

  /** Open descriptors of a process, soft and hard. DG/gettingstarted-limits.html; read from a real function in November 2025. */
  descriptorsMax: 1_024,

  /** Processes and threads of an environment. DG/gettingstarted-limits.html; a real function of 128 MB said 742. */
  tasksMax: 1_024,

  /** Buffered event at the public Invoke API: 6 MB counted in 1024s. DG/gettingstarted-limits.html */
  eventBytesMax: 6_291_456,

  /** Event of an asynchronous invocation. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  asyncEventBytesMax: 1_048_576,

  /** Buffered event or response inside the environment: 6 MiB and a hundred bytes. RIE interop/model.go; seen in AWS's own error text. */
  payloadBytesMax: 6_291_556,

  /** A streamed response. DG/gettingstarted-limits.html */
  streamBytesMax: 209_715_200,

  /** What of it goes at full speed, and how fast the rest goes. DG/configuration-response-streaming.html */
  streamBurstBytes: 6_291_456,
  streamBytesPerSecond: 2_097_152,

  /** Client context, base64. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  clientContextBytesMax: 3_583,

  /** A tenant's name. https://docs.aws.amazon.com/lambda/latest/api/API_ChainedInvokeOptions.html */
  tenantIdCharactersMax: 256,

  /** Log tail in `X-Amz-Log-Result`, before base64. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
  logTailBytesMax: 4_096,

  /** One event of CloudWatch Logs. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
  logLineCharactersMax: 1_048_576,

  /** Internal and external extensions together. DG/gettingstarted-limits.html */
  extensionsMax: 10,

  /** Layers of one function. DG/gettingstarted-limits.html */
  layersMax: 5,

  /** Shutdown of an environment with internal extensions only. DG/lambda-runtime-environment.html */
  shutdownInternalMs: 500,

  /** Shutdown of an environment with an external extension. DG/lambda-runtime-environment.html */
  shutdownExternalMs: 2_000,

  /** The runtime's share of that, from SIGTERM to SIGKILL. DG/runtimes-extensions-api.html; RIE takes 600 ms. */
  shutdownRuntimeMs: 300,

  /** The same in the official emulators: 30 % of the whole. RIE rapid/shutdown.go */
  shutdownRuntimeEmulatorMs: 600,

  /** A layer or function zip that is uploaded directly. DG/gettingstarted-limits.html */
  packageZipBytesMax: 52_428_800,

  /** A function with all of its layers, unzipped. DG/gettingstarted-limits.html */
  packageUnzippedBytesMax: 262_144_000,

  /** Events in one batch of telemetry. DG/telemetry-api.html; the ranges are those of real refusals. */
  telemetryItemsDefault: 10_000,
  telemetryItemsMin: 1_000,
  telemetryItemsMax: 10_000,

  /** Bytes of one batch of telemetry. DG/telemetry-api.html */
  telemetryBytesDefault: 262_144,
  telemetryBytesMin: 262_144,
  telemetryBytesMax: 1_048_576,

  /** How long telemetry is collected. DG/telemetry-api.html */
  telemetryTimeoutMsDefault: 1_000,
  telemetryTimeoutMsMin: 25,
  telemetryTimeoutMsMax: 30_000,

  /** CORS of a function URL: entries of a list, their characters, seconds. https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html */
  corsHeadersMax: 100,
  corsHeaderCharactersMax: 1_024,
  corsMethodsMax: 6,
  corsMethodCharactersMax: 6,
  corsOriginsMax: 100,
  corsOriginCharactersMax: 253,
  corsMaxAgeSecondsMax: 86_400,

  /** `Lambda-Runtime-Function-XRay-Error-Cause` that is kept. RIE rapi/model/error_cause.go */
  xrayCauseBytesMax: 65_536,
} as const;

/** Who a function is. RIE-LMI's default ids; the name is the one that Lambda's own `/etc/passwd` gives. */
export const sandboxUser = { uid: 993, gid: 990, name: "sbx_user1051" } as const;
