const UNITS = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/**
 * Bytes for people: at most one decimal, and none from ten on.
 * @example byteSize(1536) // "1.5Ki"
 */
export function byteSize(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 1023.5 && unit < UNITS.length - 1) {
		value /= 1024;
		unit++;
	}
	return `${unit === 0 || value >= 9.95 ? Math.round(value) : Number(value.toFixed(1))}${UNITS[unit]}`;
}
