import { testRuntimeDefects } from "../conformance/defect-tests.ts";

testRuntimeDefects("broken runtimes: failures", ["ERR", "INI", "SRV"]);
