import * as z from "zod";
import { ApiError, invalid, type KindName } from "../api/status.ts";
import { causesOf } from "../resources/causes.ts";

const schema = z.strictObject({ reason: z.string().max(1000).default("").describe("Why, for whoever reads the outcome") });

/** The reason in the body of a cancellation; `""` without one. @throws ApiError 422 */
export function cancelReason(of: KindName, name: string, body: unknown = {}): string {
	const parsed = schema.safeParse(body);
	if (!parsed.success) throw new ApiError(invalid(of, name, causesOf(parsed.error, "", body)));
	return parsed.data.reason;
}
