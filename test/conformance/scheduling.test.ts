import { runTranscript } from "./run-transcript.ts";

runTranscript("scheduling");
