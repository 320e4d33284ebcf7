import { extensionCases } from "../../src/conformance/cases/catalogue.ts";
import { testDefects } from "../conformance/defect-tests.ts";
import { extensionDefects } from "../conformance/defects.ts";
import { judgeTestExtension } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("broken extensions");
testDefects(test, {
  all: extensionCases,
  defects: extensionDefects,
  others: 4,
  judge: (defect, cases) => judgeTestExtension(defect, cases, 2),
});
test.run();
