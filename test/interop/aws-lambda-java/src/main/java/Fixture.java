import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The fixture's handler: what it does is chosen by "op" in the event. docs/CONFORMANCE.md says what each one means. */
public class Fixture implements RequestHandler<Object, Object> {
  private final AtomicInteger count = new AtomicInteger();

  @Override
  public Object handleRequest(Object event, Context context) {
    Map<?, ?> fields = event instanceof Map<?, ?> map ? map : Map.of();
    Object op = fields.get("op");
    return switch (op == null ? "echo" : op.toString()) {
      case "echo" -> event;
      case "ctx" -> ctx(context);
      case "throw", "throw-async" -> throw new IllegalStateException("thrown on purpose");
      case "throw-unprintable" -> throw new Unprintable();
      case "reject-later" -> rejectLater();
      case "null", "undefined" -> null;
      case "unserialisable" -> new Circle();
      case "big" -> "a".repeat(number(fields, "bytes") - 2);
      case "counter" -> Map.of("count", count.incrementAndGet());
      case "background" -> background(number(fields, "ms"));
      case "sleep" -> sleep(number(fields, "ms"));
      case "hang" -> hang();
      case "recurse" -> recurse(0);
      case "child" -> child();
      case "fill" -> fill(number(fields, "mb"), number(fields, "ms"));
      case "say" -> say(fields, context);
      case "trace" -> trace(number(fields, "ms"), context);
      case "exit" -> exit(number(fields, "code"));
      case "log" -> log(number(fields, "lines"));
      case "stdout-partial" -> partial();
      default -> throw new IllegalArgumentException("unknown op " + op);
    };
  }

  private static Object ctx(Context context) {
    Map<String, Object> result = new HashMap<>();
    ClientContext client = context.getClientContext();
    CognitoIdentity identity = context.getIdentity();
    result.put("requestId", context.getAwsRequestId());
    result.put("functionArn", context.getInvokedFunctionArn());
    result.put("functionName", context.getFunctionName());
    result.put("functionVersion", context.getFunctionVersion());
    result.put("memoryMb", String.valueOf(context.getMemoryLimitInMB()));
    result.put("logGroupName", context.getLogGroupName());
    result.put("logStreamName", context.getLogStreamName());
    result.put("remainingMs", context.getRemainingTimeInMillis());
    // A JVM cannot change its environment: its clients document this property in place of _X_AMZN_TRACE_ID.
    result.put("traceId", System.getProperty("com.amazonaws.xray.traceHeader"));
    result.put("clientCustom", client == null ? null : client.getCustom());
    result.put("clientEnv", client == null ? null : client.getEnvironment());
    result.put("identityId", identity == null ? null : identity.getIdentityId());
    result.put("identityPoolId", identity == null ? null : identity.getIdentityPoolId());
    result.put("tenantId", context.getTenantId());
    return result;
  }

  private static Object rejectLater() {
    new Thread(() -> {
      throw new IllegalStateException("thrown where nobody waits");
    }).start();
    sleep(200);
    return "survived";
  }

  private static Object background(int ms) {
    Thread thread = new Thread(() -> sleep(ms));
    thread.setDaemon(true);
    thread.start();
    return Map.of("background", true);
  }

  private static Object sleep(int ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException error) {
      throw new IllegalStateException(error);
    }
    return Map.of("slept", ms);
  }

  private static Object hang() {
    while (true) sleep(1_000);
  }

  private static long recurse(long depth) {
    return 1 + recurse(depth + 1);
  }

  private static Object child() {
    try {
      new ProcessBuilder("setsid", "sleep", "8").start();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    return Map.of("started", true);
  }

  private static Object fill(int mb, int ms) {
    byte[] held = new byte[mb << 20];
    Arrays.fill(held, (byte) 1);
    sleep(ms);
    return Map.of("held", held.length);
  }

  private static Object say(Map<?, ?> fields, Context context) {
    sleep(number(fields, "ms"));
    String word = fields.get("word").toString();
    context.getLogger().log(word, LogLevel.INFO);
    return Map.of("said", word);
  }

  private static Object trace(int ms, Context context) {
    sleep(ms);
    Map<String, Object> result = new HashMap<>();
    result.put("traceId", context.getXrayTraceId());
    return result;
  }

  private static Object exit(int code) {
    System.exit(code);
    return null;
  }

  private static Object log(int lines) {
    for (int line = 1; line <= lines; line += 1) System.out.println("conformance line " + line);
    return Map.of("lines", lines);
  }

  private static Object partial() {
    System.out.print("conformance fragment");
    System.out.flush();
    return Map.of("written", true);
  }

  private static int number(Map<?, ?> fields, String name) {
    return ((Number) fields.get(name)).intValue();
  }

  /** It holds itself. */
  public static class Circle {
    public Circle getCircle() {
      return this;
    }
  }

  private static class Unprintable extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("this cannot be written");
    }
  }
}
