/** What klaw uses of OpenAI's SDK. */
export { OpenAI } from "openai";
export { Stream } from "openai/streaming";
