#!/usr/bin/env node
// The `bootlace` command of a checkout; the published package has a compiled one in its place.
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runOnEngine } from "./engine.mjs";

await runOnEngine(join(dirname(fileURLToPath(import.meta.url)), "main.ts"), process.argv.slice(2));
