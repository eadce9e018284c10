import { timestamp } from "../../resources/resource.ts";
import { wireFields } from "./wire.ts";

/** A message by the JSON names of its fields. */
export type Message = ReadonlyMap<number, Field & { name: string }>;

export interface Field {
	number: number;
	type: FieldType;
	/** Absent: there is one. A `map` has text for keys. */
	many?: "list" | "map";
	/** A pointer in Go: where it is absent it was not set, so that even a zero means something. */
	pointer?: boolean;
}

/**
 * What JSON shows in a form of its own: bytes as base64, times as RFC 3339, quantities as text, FieldsV1 as the JSON in it,
 * and `texts` (a message around a list) as the list.
 */
export type FieldType = "string" | "bytes" | "int" | "bool" | "time" | "microTime" | "quantity" | "fieldsV1" | "texts" | Message;

export function message(fields: Readonly<Record<string, Field>>): Message {
	return new Map(Object.entries(fields).map(([name, field]) => [field.number, { ...field, name }]));
}

/** @example one(1, "string") */
export function one(number: number, type: FieldType): Field {
	return { number, type };
}

export function pointer(number: number, type: "int" | "bool"): Field {
	return { number, type, pointer: true };
}

export function list(number: number, type: FieldType): Field {
	return { number, type, many: "list" };
}

export function map(number: number, type: FieldType): Field {
	return { number, type, many: "map" };
}

/**
 * A message as the JSON that means the same. Go writes empty values too where its JSON leaves them out; so they are left
 * out here. Unknown fields are passed over, as protobuf demands.
 * @throws RangeError for bytes that are no such message
 */
export function decodeMessage(type: Message, bytes: Uint8Array): Record<string, unknown> {
	const object: Record<string, unknown> = {};
	const lists = new Map<string, unknown[]>();
	const maps = new Map<string, Map<string, unknown>>();
	for (const { number, value } of wireFields(bytes)) {
		const field = type.get(number);
		if (!field) continue;
		const { name } = field;
		if (field.many === "list") entryOf(lists, name, () => []).push(decodeValue(field.type, value) ?? zero(field.type));
		else if (field.many === "map") {
			const [key, entry] = mapEntry(field.type, bytesOf(value));
			entryOf(maps, name, () => new Map()).set(key, entry);
		} else object[name] = decodeValue(field.type, value, field.pointer);
	}
	for (const [name, items] of lists) object[name] = items;
	// Not by assignment: a key may have any name, `__proto__` as well.
	for (const [name, entries] of maps) object[name] = Object.fromEntries(entries);
	return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function entryOf<T>(entries: Map<string, T>, name: string, make: () => T): T {
	const known = entries.get(name);
	if (known !== undefined) return known;
	const made = make();
	entries.set(name, made);
	return made;
}

/** On the wire a map is a list of pairs, key 1 and value 2. */
function mapEntry(type: FieldType, bytes: Uint8Array): [key: string, value: unknown] {
	let key = "";
	let entry: unknown = zero(type);
	for (const { number, value } of wireFields(bytes)) {
		if (number === 1) key = text(bytesOf(value));
		if (number === 2) entry = decodeValue(type, value) ?? zero(type);
	}
	return [key, entry];
}

/** What stands for an empty value where it may not be left out: in lists and maps. */
function zero(type: FieldType): unknown {
	if (type === "int") return 0;
	if (type === "bool") return false;
	if (type === "texts") return [];
	return typeof type === "string" ? "" : {};
}

/** `undefined` for an empty value. */
function decodeValue(type: FieldType, value: bigint | Uint8Array, keepsZero = false): unknown {
	if (type === "int" || type === "bool") {
		if (typeof value !== "bigint") throw new RangeError("a number was expected");
		if (value === 0n && !keepsZero) return undefined;
		return type === "bool" ? value !== 0n : safeNumber(BigInt.asIntN(64, value));
	}
	const bytes = bytesOf(value);
	if (typeof type !== "string") return decodeMessage(type, bytes);
	if (bytes.length === 0) return undefined;
	switch (type) {
		case "string":
			return text(bytes);
		case "bytes":
			return base64(bytes);
		case "quantity":
			return firstOf(bytes, text);
		case "fieldsV1":
			return firstOf(bytes, json);
		case "texts":
			return [...wireFields(bytes)].map(({ value }) => text(bytesOf(value)));
		case "time":
			return timestamp(milliseconds(bytes));
		case "microTime":
			return new Date(milliseconds(bytes)).toISOString().replace("Z", "000Z");
	}
}

function milliseconds(bytes: Uint8Array): number {
	const { seconds = 0, nanos = 0 } = decodeMessage(TIME, bytes);
	const ms = Number(seconds) * 1000 + Math.floor(Number(nanos) / 1e6);
	if (Math.abs(ms) > LAST_DATE_MS) throw new RangeError(`${ms} ms is no time`);
	return ms;
}

const TIME = message({ seconds: one(1, "int"), nanos: one(2, "int") });
/** What a JavaScript Date can hold. */
const LAST_DATE_MS = 8.64e15;

/** The one field of a message that only wraps it. */
function firstOf<T>(bytes: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined {
	for (const { number, value } of wireFields(bytes)) if (number === 1) return read(bytesOf(value));
	return undefined;
}

function json(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(text(bytes));
	} catch (error) {
		throw new RangeError("a field that should hold JSON does not", { cause: error });
	}
}

function bytesOf(value: bigint | Uint8Array): Uint8Array {
	if (typeof value === "bigint") throw new RangeError("bytes were expected");
	return value;
}

function safeNumber(value: bigint): number {
	const number = Number(value);
	if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large`);
	return number;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function text(bytes: Uint8Array): string {
	try {
		return decoder.decode(bytes);
	} catch (error) {
		throw new RangeError("a text is not UTF-8", { cause: error });
	}
}

/** Characters that `String.fromCharCode` surely takes at once. */
const CHUNK = 8192;

function base64(bytes: Uint8Array): string {
	let binary = "";
	for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
	return btoa(binary);
}
