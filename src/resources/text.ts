import * as z from "zod";

/** Bytes of a prompt or message. A session keeps it in one row, and rows end at 2 MB. */
export const TEXT_LIMIT_BYTES = 1024 * 1024;

/** What to do about text that is too long; said wherever it is refused. */
export const TOO_LONG_ADVICE = "Put long text in a file of the workspace, or have the agent fetch it.";

/** A prompt or a message: not blank, at most {@link TEXT_LIMIT_BYTES} in UTF-8. */
export const messageText = z.string().superRefine((text, context) => {
	if (text.trim() === "") context.addIssue({ code: "custom", message: "must not be blank: say what the agent is to do" });
	const bytes = byteLength(text);
	if (bytes <= TEXT_LIMIT_BYTES) return;
	context.addIssue({
		code: "custom",
		params: { reason: "FieldValueTooLong" },
		message: `Too long: ${bytes} bytes, and at most ${TEXT_LIMIT_BYTES} are accepted. ${TOO_LONG_ADVICE}`,
	});
});

function byteLength(text: string): number {
	return new TextEncoder().encode(text).byteLength;
}
