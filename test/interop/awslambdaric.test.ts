import { judgeSubject } from "./judge-subject.ts";

judgeSubject("awslambdaric");
