import * as z from "zod";

/** What every JSON frame of the node protocol carries. */
export const frame = { v: z.number().int(), id: z.string(), incarnation: z.number().int().nonnegative() };
