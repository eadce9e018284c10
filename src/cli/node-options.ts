import { InvalidArgumentError } from "commander";
import { capacityOf } from "../../containers/node/flags.ts";

/** For commander: a capacity that the node runtime will accept, as it stands. */
export function capacityOption(text: string): string {
	try {
		capacityOf(text);
		return text;
	} catch (error) {
		throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
	}
}
