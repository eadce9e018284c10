import { it } from "vitest";
import { walkAll } from "../../test/fakes/dispatcher-walks.ts";

it(
	"dispatcher, nodes and sessions keep every promise through 1,000 random interleavings, and place everybody in the end",
	{
		timeout: 120_000,
	},
	() => walkAll({ from: 1, walks: 1_000 }),
);
