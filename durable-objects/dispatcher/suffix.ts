/** Without vowels and what looks like them, so that no name is a word: as Kubernetes names pods. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** Five characters for the name of a new node. @param random from 0 to 1 */
export function randomSuffix(random: () => number): string {
	return Array.from({ length: 5 }, () => ALPHABET[Math.floor(random() * ALPHABET.length)] ?? "b").join("");
}
