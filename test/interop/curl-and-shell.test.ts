import { judgeSubject } from "./judge-subject.ts";

judgeSubject("curl-and-shell");
