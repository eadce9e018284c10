import { gcm } from "@noble/ciphers/aes.js";
import { concatBytes, utf8ToBytes } from "@noble/ciphers/utils.js";
import type { BaseResource } from "../../src/resources/resource.ts";

/** Begins every sealed value, so that another way of sealing can be told from this one. */
const MAGIC = utf8ToBytes("klaw1:");
const NONCE_BYTES = 12;

/**
 * Seals the values of a namespace's Secrets with AES-256-GCM under the namespace's own key. Synchronous, unlike Web
 * Crypto: a decision about an object must not wait in its middle. What is sealed is base64, as the values themselves are.
 */
export class Seal {
	readonly #key: Uint8Array;
	readonly #random: (bytes: number) => Uint8Array;

	/** `key` has 32 bytes; `random` gives bytes that nobody can guess. */
	constructor(key: Uint8Array, random: (bytes: number) => Uint8Array) {
		this.#key = key;
		this.#random = random;
	}

	close(value: string): string {
		const nonce = this.#random(NONCE_BYTES);
		return toBase64(concatBytes(MAGIC, nonce, gcm(this.#key, nonce).encrypt(utf8ToBytes(value))));
	}

	/** @throws Error for what was not sealed with this key */
	open(sealed: string): string {
		const bytes = Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0));
		if (!MAGIC.every((byte, index) => bytes[index] === byte)) throw new Error("this is no sealed value");
		const nonce = bytes.subarray(MAGIC.length, MAGIC.length + NONCE_BYTES);
		return new TextDecoder().decode(gcm(this.#key, nonce).decrypt(bytes.subarray(MAGIC.length + NONCE_BYTES)));
	}

	/**
	 * The values of a Secret as they are stored. Reads show every value as empty, so an empty value of a key that is there
	 * leaves it as it is; so does the same value again.
	 */
	closeAll(next: Readonly<Record<string, string>>, old: Readonly<Record<string, string>>): Record<string, string> {
		return Object.fromEntries(
			Object.entries(next).map(([key, value]) => {
				const before = Object.hasOwn(old, key) ? old[key] : undefined;
				const kept = before !== undefined && (value === "" || value === before || this.open(before) === value);
				return [key, kept ? before : this.close(value)];
			}),
		);
	}
}

/** The map of values of a Secret. */
export function valuesOf(secret: BaseResource | undefined): Record<string, string> {
	const data: unknown = secret && Reflect.get(secret, "data");
	return typeof data === "object" && data !== null ? { ...(data as Record<string, string>) } : {};
}

function toBase64(bytes: Uint8Array): string {
	let binary = "";
	for (const byte of bytes) binary += String.fromCharCode(byte);
	return btoa(binary);
}
