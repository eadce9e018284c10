import * as z from "zod";
import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { describeEvents } from "./events.ts";
import { describeAnnotations } from "./metadata.ts";

const priorityClassSchema = z.looseObject({
	value: z.number(),
	globalDefault: z.boolean().nullish(),
	preemptionPolicy: z.string().nullish(),
	description: z.string().nullish(),
});

export const describePriorityClass: Describe = (object, { events, now }) => {
	const { value, globalDefault, preemptionPolicy, description } = priorityClassSchema.parse(object);
	const text = new Description();
	text.line(0, "Name:", object.metadata.name);
	text.line(0, "Value:", String(value));
	text.line(0, "GlobalDefault:", String(globalDefault ?? false));
	text.line(0, "PreemptionPolicy:", preemptionPolicy ?? "");
	text.line(0, "Description:", description ?? "");
	describeAnnotations(text, object.metadata.annotations);
	describeEvents(text, events, now);
	return text.toString();
};
