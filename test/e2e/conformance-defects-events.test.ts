import { testRuntimeDefects } from "../conformance/defect-tests.ts";

testRuntimeDefects("broken runtimes: what reaches a handler", ["BOOT", "INV", "CTX"]);
