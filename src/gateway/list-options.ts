import type { Context } from "hono";
import { ApiError, failure } from "../api/status.ts";

/** Options of Kubernetes' lists whose neglect would give a wrong answer. `limit` is none: a whole list is a complete answer. */
const UNSERVED = ["watch", "labelSelector", "fieldSelector", "continue"];

/** @throws ApiError 400 when a list is asked for in a way that klaw does not serve */
export function checkListOptions(c: Context): void {
	for (const name of UNSERVED) {
		const value = c.req.query(name) ?? "";
		const off = value === "" || (name === "watch" && (value === "false" || value === "0"));
		if (off) continue;
		throw new ApiError(
			failure(
				"BadRequest",
				`Lists cannot be asked for with ${name}=${value.slice(0, 50)}: for now they are whole, unfiltered and as of one moment. Leave ${name} out and choose from the items.`,
			),
		);
	}
}
