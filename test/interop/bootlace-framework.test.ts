import { judgeSubject } from "./judge-subject.ts";

judgeSubject("bootlace-framework");
