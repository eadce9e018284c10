import { KINDS } from "../../src/resources/registry.ts";

/** What a namespace stores, or shows of what it stores. */
export const NAMESPACED_KINDS = KINDS.filter(({ scope }) => scope === "Namespaced");
