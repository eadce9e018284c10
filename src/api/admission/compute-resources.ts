/** Quantities by resource, such as `{ cpu: "500m", memory: "1Gi" }`. */
export type Quantities = Readonly<Record<string, string>>;

/** What a session asks of a node, and what it may use of it: `spec.resources` of its agent. */
export interface ComputeResources {
	requests?: Quantities;
	limits?: Quantities;
}

/** The quantity of one resource. People choose these names, and an object has more names than it was given. */
export function quantityOf(quantities: Quantities | undefined, name: string): string | undefined {
	return quantities !== undefined && Object.hasOwn(quantities, name) ? quantities[name] : undefined;
}

/** Without the resources that are not stated. */
export function stated(amounts: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
	return Object.fromEntries(Object.entries(amounts).flatMap(([name, amount]) => (amount === undefined ? [] : [[name, amount]])));
}
