import { killedAtRandomMoments } from "../guarantees/killed-at-random-moments.ts";

killedAtRandomMoments(20);
