import { failure, type Status } from "../../api/status.ts";

/** The `Status` that an object answered instead of a stream. */
export async function statusOf(response: Response): Promise<Status> {
	const body: unknown = await response.json().catch(() => undefined);
	if (isStatus(body)) return body;
	return failure("InternalError", "A watch was answered with something that is neither a stream nor a Status.");
}

function isStatus(value: unknown): value is Status {
	return typeof value === "object" && value !== null && Reflect.get(value, "kind") === "Status";
}
