import { linearHistory } from "../guarantees/linear-history.ts";

linearHistory(1_000);
