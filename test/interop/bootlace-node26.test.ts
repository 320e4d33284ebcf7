import { judgeSubject } from "./judge-subject.ts";

judgeSubject("bootlace-node26");
