import type { Context } from "bootlace";

/** What this function reads of an event of API Gateway's HTTP API (payload version 2.0) or of a function URL. */
interface HttpEvent {
  readonly rawPath?: string;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext?: { readonly http: { readonly method: string; readonly sourceIp: string } };
}

interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Greets whoever calls: `GET /hello?name=Ada`. An empty event is greeted too. */
export async function handler(event: HttpEvent, context: Context): Promise<HttpResult> {
  const { method, sourceIp } = event.requestContext?.http ?? { method: "Invoke", sourceIp: "nowhere" };
  const path = event.rawPath ?? "/";
  const name = event.queryStringParameters?.name ?? "world";
  console.log(`${method} ${path} from ${sourceIp}, ${context.getRemainingTimeInMillis()} ms left`);
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: `Hello, ${name}!`, path, requestId: context.awsRequestId }),
  };
}
