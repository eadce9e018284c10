import { DurableObject } from "cloudflare:workers";

/** The loop that an agent cannot do without: ask the model, write it down, run the tool, write it down. */
export class Loop extends DurableObject {
	async fetch(request) {
		const { model, page, message, steps } = await request.json();
		const { sql } = this.ctx.storage;
		sql.exec("CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, event TEXT NOT NULL)");
		const body = JSON.stringify({ model: "bench", stream: true, messages: [{ role: "user", content: message }] });
		for (let step = 0; step < steps; step++) {
			const answer = await fetch(model, { method: "POST", body });
			sql.exec("INSERT INTO journal (event) VALUES (?)", await answer.text());
			const fetched = await fetch(page);
			sql.exec("INSERT INTO journal (event) VALUES (?)", await fetched.text());
		}
		return new Response("done");
	}
}

export default {
	fetch(request, env) {
		if (request.method !== "POST") return new Response("ready");
		return env.LOOP.getByName(crypto.randomUUID()).fetch(request);
	},
};
