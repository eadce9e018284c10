import { linearHistory } from "./linear-history.ts";

linearHistory(150);
