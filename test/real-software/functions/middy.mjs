import middy from "@middy/core";
import httpJsonBodyParser from "@middy/http-json-body-parser";

const stamp = {
  before: (request) => {
    request.event.stamped = request.context.awsRequestId;
  },
};

export const handler = middy(async (event) => ({ parsed: event.body, stamped: event.stamped }))
  .use(httpJsonBodyParser())
  .use(stamp);

export const streaming = middy({ streamifyResponse: true }).handler(async () => ({
  statusCode: 200,
  headers: { "content-type": "text/plain" },
  body: "streamed by middy",
}));
