import { runTranscript } from "./run-transcript.ts";

runTranscript("running");
