/** One field of a message as it is on the wire: a number for wire types 0, 1 and 5, bytes for wire type 2. */
export interface WireField {
	number: number;
	value: bigint | Uint8Array;
}

/**
 * The fields of a protobuf message in their order.
 * @throws RangeError for bytes that are no message
 */
export function* wireFields(bytes: Uint8Array): Generator<WireField, void, undefined> {
	const reader = new Reader(bytes);
	while (!reader.done) {
		const tag = reader.varint();
		const number = Number(tag >> 3n);
		if (number < 1 || number > 0x1fff_ffff) throw new RangeError(`field number ${number} is out of range`);
		yield { number, value: value(reader, Number(tag & 7n)) };
	}
}

function value(reader: Reader, wireType: number): WireField["value"] {
	if (wireType === 0) return reader.varint();
	if (wireType === 1) return reader.fixed(8);
	if (wireType === 2) return reader.take(Number(reader.varint()));
	if (wireType === 5) return reader.fixed(4);
	throw new RangeError(`wire type ${wireType} is not supported`);
}

class Reader {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get done(): boolean {
		return this.#at >= this.#bytes.length;
	}

	/** Up to 64 bits, seven a byte, the lowest first. */
	varint(): bigint {
		let result = 0n;
		for (let shift = 0n; shift < 70n; shift += 7n) {
			const [byte = 0] = this.take(1);
			result |= BigInt(byte & 0x7f) << shift;
			if (byte < 0x80) return BigInt.asUintN(64, result);
		}
		throw new RangeError("a number is longer than 64 bits");
	}

	/** Little-endian. */
	fixed(length: number): bigint {
		return this.take(length).reduceRight<bigint>((high, byte) => (high << 8n) | BigInt(byte), 0n);
	}

	take(length: number): Uint8Array {
		const end = this.#at + length;
		if (end > this.#bytes.length) throw new RangeError("a field is longer than what holds it");
		const taken = this.#bytes.subarray(this.#at, end);
		this.#at = end;
		return taken;
	}
}
