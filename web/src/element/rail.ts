/** A line at the window's edge while the element is scrolled out of view: it covers nothing. */
export class Rail {
  readonly line = document.createElement("div");
  #running = false;
  #seen = true;

  constructor() {
    this.line.className = "rail";
    this.line.setAttribute("part", "rail");
    this.line.setAttribute("aria-hidden", "true"); // the element itself says it
    this.line.hidden = true;
  }

  /** Follows whether `host` can be seen. */
  follow(host: Element, signal: AbortSignal): void {
    const observer = new IntersectionObserver((entries) => {
      this.#seen = entries.at(-1)?.isIntersecting ?? true;
      this.#show();
    });
    observer.observe(host);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Whether the camera is in use. */
  set running(running: boolean) {
    this.#running = running;
    this.#show();
  }

  set account(account: string) {
    this.line.dataset["account"] = account;
  }

  #show(): void {
    this.line.hidden = this.#seen || !this.#running;
  }
}
