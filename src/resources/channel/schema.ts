import * as z from "zod";
import { secretRef } from "../references.ts";

const name = z.string().min(1).max(253);

const slackSchema = z.strictObject({
	secretRef: secretRef("botToken", "signingSecret"),
	channels: z
		.array(z.string().min(1).max(80))
		.max(1000)
		.meta({ "x-kubernetes-list-type": "set" })
		.optional()
		.describe("Slack channels that are listened to; absent: all"),
	users: z
		.array(z.string().min(1).max(80))
		.max(1000)
		.meta({ "x-kubernetes-list-type": "set" })
		.optional()
		.describe("Slack users that are answered; absent: all of the workspace"),
});

const httpSchema = z.strictObject({
	secretRef: secretRef("token").optional(),
});

const openaiSchema = z.strictObject({
	secretRef: secretRef("apiKey").optional(),
	models: z
		.array(
			z.strictObject({
				name: z.string().min(1).max(256).describe("Model that clients ask for"),
				agent: name.describe("The agent that answers"),
			}),
		)
		.max(256)
		.meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] })
		.optional()
		.describe("Names of models that stand for agents; absent: the agents' own names"),
});

const webhookSchema = z.strictObject({
	secretRef: secretRef("secret"),
	signature: z
		.enum(["standard", "github", "slack"])
		.default("standard")
		.describe("How requests are signed: as Standard Webhooks say, or as GitHub or Slack do"),
	prompt: z.string().max(65_536).optional().describe("What the agent is told; the request's JSON follows it"),
});

const cliSchema = z.strictObject({});

/** Kinds of channels, and under which field each keeps what is its own. */
export const CHANNEL_TYPES = ["slack", "http", "openai", "webhook", "cli"] as const;

export const channelSpecSchema = z.strictObject({
	type: z.enum(CHANNEL_TYPES).describe("slack, http, openai, webhook or cli; the field of this name has the rest"),
	agent: name.optional().describe("The agent that answers when no AgentRoute decides"),
	suspend: z.boolean().default(false).describe("Accept nothing and deliver nothing until this is false again"),
	slack: slackSchema.optional().describe("Slack"),
	http: httpSchema.optional().describe("Messages as JSON over HTTP"),
	openai: openaiSchema.optional().describe("OpenAI's chat completions API"),
	webhook: webhookSchema.optional().describe("Signed requests of other services"),
	cli: cliSchema.optional().describe("The klaw command"),
});
export type ChannelSpec = z.output<typeof channelSpecSchema>;
