/** What a runtime says, as bytes. */
import { request } from "./raw-client.ts";

export const next = request("GET /2018-06-01/runtime/invocation/next");
export const restoreNext = request("GET /2018-06-01/runtime/restore/next");
export const accepted = '202 {"status":"OK"}\n';

export function answer(requestId: string, body = '"done"', headers = {}): Buffer {
  return request(`POST /2018-06-01/runtime/invocation/${requestId}/response`, headers, body);
}

export function failure(requestId: string, body: string): Buffer {
  return request(`POST /2018-06-01/runtime/invocation/${requestId}/error`, {}, body);
}
