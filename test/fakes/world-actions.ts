/** What happens in the world of a dispatcher, one a step. */
export const WORLD_ACTIONS = [
	"acquire",
	"acquire, and the answer is lost",
	"release",
	"release, and it is late",
	"a release arrives again",
	"renew",
	"renew, and the answer is lost",
	"a grant arrives",
	"a recall arrives",
	"a machine comes",
	"a machine falls silent",
	"a machine is lost",
	"a machine is replaced",
	"the clock jumps",
	"the clock goes back",
	"the dispatcher dies",
	"a node is cordoned or not",
	"a node has a taint or not",
	"an old message of a node arrives",
	"the alarm rings",
	"several things happen at once",
] as const;

export type WorldAction = (typeof WORLD_ACTIONS)[number];

/** What may arrive in one and the same moment. */
export const HELD_TOGETHER = [
	"release",
	"release, and it is late",
	"a release arrives again",
	"renew",
	"renew, and the answer is lost",
	"a recall arrives",
	"a machine comes",
	"a machine falls silent",
	"a machine is lost",
	"a machine is replaced",
	"an old message of a node arrives",
] as const;
