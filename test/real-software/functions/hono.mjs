import { Hono } from "hono";
import { handle, streamHandle } from "hono/aws-lambda";
import { stream } from "hono/streaming";

const app = new Hono();
app.get("/hello", (context) => context.json({ hello: context.req.query("name") }));
app.get("/stream", (context) =>
  stream(context, async (out) => {
    for (const piece of ["one ", "two ", "three"]) await out.write(piece);
  }),
);

export const handler = handle(app);
export const streaming = streamHandle(app);
