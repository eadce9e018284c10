type Numbers = Float64Array | Int32Array | Uint16Array | Uint8Array;

/** The array itself when it has a place `number`, and else a copy of at least twice its length. */
export function longer<A extends Numbers>(array: A, number: number): A;
export function longer(array: Numbers, number: number): Numbers {
	if (number < array.length) return array;
	const copy = empty(array, Math.max(array.length * 2, number + 1));
	copy.set(array);
	return copy;
}

function empty(like: Numbers, length: number): Numbers {
	if (like instanceof Float64Array) return new Float64Array(length);
	if (like instanceof Int32Array) return new Int32Array(length);
	return like instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}
