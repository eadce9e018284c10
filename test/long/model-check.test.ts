import { it } from "vitest";
import { walkAll } from "../fakes/dispatcher-walks.ts";

it("dispatcher, nodes and sessions keep every promise through 5,000 more random interleavings, and place everybody in the end", () =>
	walkAll({ from: 1_001, walks: 5_000 }));
