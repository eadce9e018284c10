/**
 * The transcript format. A transcript reads like a terminal:
 *
 * ```text
 * ## An agent is created and found
 *
 * $ kubectl create -f - <<'END'
 * {"apiVersion": "klaw.sh/v1", "kind": "Agent", "metadata": {"name": "one"}}
 * END
 * agent.klaw.sh/one created
 *
 * $ kubectl get agent two
 * ! Error from server (NotFound): agents.klaw.sh "two" not found
 * ? 1
 * ```
 *
 * - `## title` begins a section, which is one test. Sections share the server and the directory, in their order.
 * - `# text` is a comment.
 * - `$ command` runs in bash; here-documents may follow it. Then come the lines that it prints: those of standard error
 *   behind `! `, the exit code behind `? ` when it is not 0. A line of output that begins with one of the format's own
 *   marks stands behind `| `. Blank lines before the next mark do not count.
 * - `~ command` is tried again until it prints what is expected, for what a controller does in its own time.
 * - `&name $ command` runs beside the others until the section ends; the step is over when the expected lines have
 *   come. `&name` alone expects its next lines, and with `? 0` that it ends by itself with that exit code.
 *
 * What may stand for something in an expected line is told in `expectation.ts`.
 */
export interface Step {
	/** Line of the file, from 1. */
	line: number;
	/** Empty when a command that already runs is looked at again. */
	command: string;
	/** Try again until it prints what is expected. */
	eventually: boolean;
	/** Name of a command that runs beside the others. */
	background?: string;
	stdout: string[];
	stderr: string[];
	/** Absent for a command in the background that goes on running. */
	exitCode?: number;
}

export interface Section {
	title: string;
	steps: Step[];
}

const MARK = /^(?:\$ |~ |&|! |\? |# |## )/;

/** @throws Error naming the line that is out of place */
export function parseTranscript(text: string): Section[] {
	const sections: Section[] = [];
	const lines = text.split("\n");
	let step: Step | undefined;
	for (let at = 0; at < lines.length; at++) {
		const line = lines[at] ?? "";
		const section = sections.at(-1);
		if (line.startsWith("## ")) {
			step = undefined;
			sections.push({ title: line.slice(3), steps: [] });
		} else if (/^#(?: |$)/.test(line)) {
			step = undefined;
		} else if (/^(?:\$ |~ |&)/.test(line)) {
			if (section === undefined) throw new Error(`line ${at + 1}: a command before the first section`);
			step = newStep(line, at + 1);
			const end = /<<-?'?(\w+)'?/.exec(step.command)?.[1];
			while (end !== undefined && !step.command.endsWith(`\n${end}`)) {
				if (++at >= lines.length) throw new Error(`line ${step.line}: the here-document has no ${end}`);
				step.command += `\n${lines[at]}`;
			}
			section.steps.push(step);
		} else if (step === undefined) {
			if (line !== "") throw new Error(`line ${at + 1}: output without a command: ${line}`);
		} else if (line.startsWith("! ") || line === "!") {
			step.stderr.push(line.slice(2));
		} else if (line.startsWith("? ")) {
			step.exitCode = Number(line.slice(2));
		} else {
			step.stdout.push(line.startsWith("| ") ? line.slice(2) : line);
		}
	}
	for (const { stdout } of sections.flatMap(({ steps }) => steps)) while (stdout.at(-1) === "") stdout.pop();
	return sections;
}

/** One line of output as a transcript writes it. */
export function quoteOutput(line: string): string {
	return MARK.test(line) || line.startsWith("| ") ? `| ${line}` : line;
}

function newStep(line: string, number: number): Step {
	const step = { line: number, eventually: line.startsWith("~"), stdout: [], stderr: [] };
	if (!line.startsWith("&")) return { ...step, command: line.slice(2), exitCode: 0 };
	const [, background, command = ""] = /^&(\w+)(?: \$ (.*))?$/.exec(line) ?? [];
	if (background === undefined) throw new Error(`line ${number}: write "&name $ command", or "&name" alone`);
	return { ...step, background, command };
}
