/** What klaw uses of Anthropic's SDK. Its `Anthropic` brings agents, files and their tools along: 70 KB, gzipped, of a Worker. */
export { BaseAnthropic } from "@anthropic-ai/sdk";
export { Stream } from "@anthropic-ai/sdk/streaming";
