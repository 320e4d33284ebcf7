import { judgeSubject } from "./judge-subject.ts";

judgeSubject("lambda_runtime");
