import { z } from "zod";

/** Body of `POST /extension/register`. Go clients send `"events": null`, Rust ones `[]`. */
export const registerRequest = z.object({
  events: z.array(z.string()).nullish(),
  configurationKeys: z.array(z.string()).nullish(),
});
