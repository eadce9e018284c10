import { message, one } from "./message.ts";
import { objectMeta } from "./meta-messages.ts";

export const priorityClass = message({
	metadata: one(1, objectMeta),
	value: one(2, "int"),
	globalDefault: one(3, "bool"),
	description: one(4, "string"),
	preemptionPolicy: one(5, "string"),
});
