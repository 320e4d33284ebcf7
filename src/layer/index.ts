/** The door `bootlace/layer`: what turns sources into functions, extensions, executables and layers. */
export type { BootstrapOptions, BuiltBootstrap } from "./build-bootstrap.ts";
export { buildBootstrap } from "./build-bootstrap.ts";
export { BuildError, type BuildErrorCode } from "./build-error.ts";
export type { BuiltExtension, ExtensionSource } from "./build-extension.ts";
export { buildExtension } from "./build-extension.ts";
export type { BuiltFunction, FunctionOptions, FunctionSource } from "./build-function.ts";
export { buildFunction } from "./build-function.ts";
export type { Budget, BuiltLayer, LayerOptions } from "./build-layer.ts";
export { buildLayer } from "./build-layer.ts";
export type { Architecture, Engine } from "./engine.ts";
export type { CacheChoice, FunctionArchive, FunctionArchiveOptions } from "./function-archive.ts";
export { buildFunctionArchive } from "./function-archive.ts";
export type { BuiltCache } from "./function-cache.ts";
export type { BundleShare } from "./function-summary.ts";
export type { LocalLayer } from "./local-layer.ts";
export { openLocalLayer } from "./local-layer.ts";
