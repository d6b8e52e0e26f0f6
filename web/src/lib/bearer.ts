/** `fetch` with the page's token, and with a fresh one where the service refuses the old. */

import { EyeError, networkError, responseError } from "./errors.js";

/** A token, or a function that fetches one from the site; called again when it is refused. */
export type TokenSource = string | (() => string | Promise<string>);

/** What a header can carry (RFC 6750, section 2.1); a login page or `undefined` is no token. */
const SENDABLE = /^(?!(?:undefined|null)$)[\w.~+/-]+=*$/;

export class Bearer {
  #token: string | undefined;

  constructor(
    private readonly fetch: typeof globalThis.fetch,
    private readonly source: TokenSource | undefined,
  ) {}

  /** The answer, if it is a 2xx. Throws an `EyeError` otherwise, or the signal's reason. */
  async send(url: string, init: RequestInit): Promise<Response> {
    const first = await this.#once(url, init);
    if (first.ok) return first;
    if (first.status !== 401 || typeof this.source !== "function") throw await responseError(first);
    this.#token = undefined;
    const second = await this.#once(url, init);
    if (!second.ok) throw await responseError(second);
    return second;
  }

  /** The present token, for what has no headers. Throws an `EyeError` for what is none. */
  async token(): Promise<string | undefined> {
    if (this.#token === undefined) {
      const given = typeof this.source === "function" ? await this.source() : this.source;
      if (given && !SENDABLE.test(given)) throw new EyeError("token_expired");
      this.#token = given || undefined;
    }
    return this.#token;
  }

  async #once(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    try {
      const token = await this.token();
      if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
      return await this.fetch(url, { ...init, headers });
    } catch (cause) {
      if (init.signal?.aborted) throw init.signal.reason;
      if (cause instanceof EyeError) throw cause; // the page's own word on its token
      throw networkError(cause);
    }
  }
}
