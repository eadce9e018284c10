/**
 * The results of calls in their order, with a few of them under way at once: the next are asked while the first is
 * still being sent.
 *
 * @throws whatever a call throws, when its turn comes
 */
export async function* ahead<Input, Result>(
	inputs: readonly Input[],
	width: number,
	call: (input: Input) => Promise<Result>,
): AsyncGenerator<Result> {
	const underWay: Promise<Result>[] = [];
	let next = 0;
	const start = () => {
		if (next >= inputs.length) return;
		const [input] = inputs.slice(next, next + 1);
		next++;
		if (input === undefined) return;
		const result = call(input);
		// It is thrown when it is awaited; until then a failure must not count as unhandled.
		result.catch(() => undefined);
		underWay.push(result);
	};
	for (let i = 0; i < width; i++) start();
	for (let result = underWay.shift(); result; result = underWay.shift()) {
		start();
		yield await result;
	}
}
