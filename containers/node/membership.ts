import { earlierCredential, forgetCredential, loadCredential, saveCredential } from "./credential-file.ts";
import { JoinRefused, join } from "./join.ts";
import type { ServerUrls } from "./server-url.ts";

export interface MembershipOptions {
	/** Keeps the credential. */
	dataDir: string;
	urls: ServerUrls;
	/** Of the node. */
	name: string;
	/** Of this machine. */
	uid: string;
	/** Of this runtime. */
	version: string;
	/** The join token, or what gets it when it is needed; absent: the machine has joined before. */
	token?: string | (() => string) | undefined;
	/** Certificates, in PEM form, of the authority that the server's is to be of; absent: one that Node trusts. */
	ca?: string | undefined;
	/** Said when the machine comes back as a node that is known: what it was started with and what comes of that; absent: nothing. */
	whenKnown?: string | undefined;
	/** How long the server may take to answer, in milliseconds. */
	patienceMs: number;
	log(line: string): void;
}

/**
 * That this machine is a node of a cluster: its credential, which it gets once for a join token and keeps. With it the
 * machine comes back at any time, long after the token has ended.
 */
export class Membership {
	readonly #options: MembershipOptions;
	/** Gone as soon as the machine is a node: it does not come back by itself when it is deleted. */
	#token: MembershipOptions["token"];
	#credential: string | undefined;
	/** It was not taken, and may be still. */
	#refused: string | undefined;
	/** Shown when it joins again: it may be good still. */
	#earlier: string | undefined;
	/** Said once. */
	#whenKnown: string | undefined;

	constructor(options: MembershipOptions) {
		this.#options = options;
		this.#token = options.token;
		this.#whenKnown = options.whenKnown;
		this.#credential = loadCredential(options.dataDir, this.#of());
		this.#earlier = this.#credential ?? earlierCredential(options.dataDir, this.#of());
		if (this.#credential !== undefined && this.#token !== undefined) {
			options.log(`This machine has joined as node ${options.name} before, so it needs no join token.`);
		}
	}

	/** @throws JoinRefused, or what `token` throws */
	async credential(signal: AbortSignal): Promise<string> {
		if (this.#credential !== undefined) return this.#credential;
		if (this.#refused === undefined) return this.#join(signal);
		try {
			return await this.#join(signal);
		} catch (error) {
			// Neither is taken: it may be a wrong server that is asked, and the right one takes the credential.
			this.#credential = this.#refused;
			throw new JoinRefused(error instanceof Error ? error.message : String(error), false);
		}
	}

	async #join(signal: AbortSignal): Promise<string> {
		const { dataDir, urls, uid, version, ca, patienceMs, log } = this.#options;
		if (this.#token === undefined) throw new JoinRefused(this.#withoutToken(), true);
		if (typeof this.#token === "function") this.#token = this.#token();
		const deadline = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
		const credential = await join({ url: urls.join, token: this.#token, uid, credential: this.#earlier, version, ca, signal: deadline });
		// A node that is new is what its machine says; so is one that was deleted.
		this.#whenKnown = undefined;
		this.#token = undefined;
		this.#refused = undefined;
		saveCredential(dataDir, this.#of(), credential);
		this.#credential = credential;
		this.#earlier = credential;
		log("The join token is exchanged for a credential of this node alone: the next start needs no token.");
		return credential;
	}

	/** The server welcomed the credential. */
	welcomed(): void {
		this.#token = undefined;
		this.#refused = undefined;
		if (this.#whenKnown !== undefined) this.#options.log(this.#whenKnown);
		this.#whenKnown = undefined;
	}

	/**
	 * The server does not take the credential. Returns whether there is a token to get another with.
	 *
	 * @param deleted klaw says that the node was deleted. Anything else may be the word of a wrong server, so the credential is
	 * kept until another has taken its place.
	 */
	refused(deleted: boolean): boolean {
		if (deleted) {
			this.#credential = undefined;
			this.#refused = undefined;
			forgetCredential(this.#options.dataDir);
		} else if (this.#token !== undefined) {
			this.#refused = this.#credential;
			this.#credential = undefined;
		}
		return this.#token !== undefined;
	}

	#of() {
		return { server: this.#options.urls.server, node: this.#options.name };
	}

	#withoutToken(): string {
		const { urls, name } = this.#options;
		return `This machine has no credential for node ${name} at ${urls.server}. Make a join token with klaw node token create, and give it with --token-file FILE.`;
	}
}
