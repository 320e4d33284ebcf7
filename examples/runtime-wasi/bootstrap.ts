/**
 * A runtime whose handler is a WebAssembly module: `_HANDLER=hello` is `hello.wasm`, a WASI command in any language. The
 * event is its standard input, standard output is the response, standard error is its log.
 */
import { handlerName, startRuntime, wasiHandler } from "bootlace";

startRuntime(() => wasiHandler(handlerName().path(".wasm")));
