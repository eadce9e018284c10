import type { ApiResource } from "../api-resource.ts";
import { ApiError } from "../errors.ts";

/** What a failed list is thrown as: a refusal tells what was asked for, in kubectl's words. */
export function listRefusal(
	error: unknown,
	{ group, version, plural }: ApiResource,
	{ labelSelector = "", fieldSelector = "" }: { labelSelector?: string | undefined; fieldSelector?: string | undefined },
): unknown {
	if (!(error instanceof ApiError) || (error.code !== 400 && error.code !== 404)) return error;
	const what = JSON.stringify(`${group}/${version}, Resource=${plural}`);
	const doing =
		labelSelector === "" && fieldSelector === ""
			? `Unable to list ${what}`
			: `Unable to find ${what} that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`;
	return new ApiError(error.code, { ...error.status, message: `${doing}: ${error.status.message ?? ""}` });
}
