import { runTranscript } from "./run-transcript.ts";

runTranscript("bad-input");
