/** What the dashboard asks of the service. */

import { Bearer } from "../../lib/bearer.js";
import type { Comparison, SessionExport, SessionPage } from "./stored.js";

export class Service {
  readonly #bearer: Bearer;

  /** Throws an `EyeError` where the service refuses: see {@link Bearer.send}. */
  constructor(
    private readonly url: string,
    fetch: typeof globalThis.fetch,
    token: string | undefined,
  ) {
    this.#bearer = new Bearer(fetch, token);
  }

  sessions(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<SessionPage> {
    return this.#json(`/api/sessions?${new URLSearchParams(query)}`, signal);
  }

  session(id: string, signal: AbortSignal): Promise<SessionExport> {
    return this.#json(`/api/sessions/${encodeURIComponent(id)}/export.json`, signal);
  }

  comparison(moduleId: string, signal: AbortSignal): Promise<Comparison> {
    return this.#json(`/api/modules/${encodeURIComponent(moduleId)}/comparison`, signal);
  }

  async file(id: string, kind: "csv" | "json", signal: AbortSignal): Promise<Blob> {
    const path = `/api/sessions/${encodeURIComponent(id)}/export.${kind}`;
    return (await this.#get(path, signal)).blob();
  }

  live(signal: AbortSignal): Promise<Response> {
    return this.#get("/api/live", signal);
  }

  async #json<T>(path: string, signal: AbortSignal): Promise<T> {
    return (await this.#get(path, signal)).json() as Promise<T>;
  }

  #get(path: string, signal: AbortSignal): Promise<Response> {
    return this.#bearer.send(`${this.url}${path}`, { signal, cache: "no-store" });
  }
}
