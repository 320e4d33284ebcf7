import https from "node:https";
import xray from "aws-xray-sdk-core";
import { get } from "./get.cjs";

export const handler = async ({ traced }) => {
  const isLoaded = process.moduleLoadList.includes("NativeModule tls");
  if (!traced) return [isLoaded];
  xray.captureHTTPsGlobal(https);
  return [isLoaded, https.get.name, get().name, get() === process.getBuiltinModule("https").get];
};
