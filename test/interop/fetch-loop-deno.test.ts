import { judgeSubject } from "./judge-subject.ts";

judgeSubject("fetch-loop-deno");
