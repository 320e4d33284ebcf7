import { judgeSubject } from "./judge-subject.ts";

judgeSubject("aws-lambda-java");
