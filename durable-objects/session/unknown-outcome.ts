/** What the model is told of a call that nobody can know the end of. @param why a clause */
export function unknownOutcome(why: string): string {
	return `outcome unknown: ${why}. It may have taken effect wholly, in part or not at all, and it was not repeated. Look before you do it again.`;
}
