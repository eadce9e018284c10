import { killedAtRandomMoments } from "./killed-at-random-moments.ts";

killedAtRandomMoments(4);
