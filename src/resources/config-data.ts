import * as z from "zod";
import { configKeyProblem } from "./name.ts";

/** Bytes of all values of a ConfigMap or Secret together, as in Kubernetes. */
export const DATA_LIMIT_BYTES = 1024 * 1024;

/** A key of a ConfigMap or Secret. */
export const configKey = z.string().superRefine((key, context) => {
	const problem = configKeyProblem(key);
	if (problem) context.addIssue({ code: "custom", message: problem });
});

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Standard base64 with padding; line breaks are allowed, as Go allows them. */
export function isBase64(text: string): boolean {
	return BASE64.test(text.replaceAll(/[\r\n]/g, ""));
}

/** Bytes that a base64 text stands for. */
export function base64Bytes(text: string): number {
	const digits = text.replaceAll(/[\r\n=]/g, "").length;
	return Math.floor((digits * 3) / 4);
}
