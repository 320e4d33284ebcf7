import { testRuntimeDefects } from "../conformance/defect-tests.ts";

testRuntimeDefects("broken runtimes: what not every runtime can", ["SIG", "LOG", "STR", "MUL", "SNP", "EXT", "HDL"]);
