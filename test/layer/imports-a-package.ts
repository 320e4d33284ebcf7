import { string } from "zod/mini";

/** Stands for an extension that brings a package with it. */
export const extension = { name: string().parse("extension") };
