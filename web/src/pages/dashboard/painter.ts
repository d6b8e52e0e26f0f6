/** Spreads work over animation frames, so that none takes long however much there is to do. */

const BUDGET_MS = 5;

export interface Paintable {
  paint(): void;
}

export class Painter {
  readonly #waiting = new Set<Paintable>();
  #asked = false;

  constructor(
    private readonly nextFrame: (callback: () => void) => void = (callback) =>
      requestAnimationFrame(callback),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Paints `item` soon, once, however often it is asked for until then. */
  ask(item: Paintable): void {
    this.#waiting.add(item);
    this.#askFrame();
  }

  forget(item: Paintable): void {
    this.#waiting.delete(item);
  }

  #askFrame(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.nextFrame(() => this.#paint());
  }

  #paint(): void {
    this.#asked = false;
    const until = this.now() + BUDGET_MS;
    for (const item of this.#waiting) {
      this.#waiting.delete(item);
      item.paint();
      if (this.now() >= until) break;
    }
    if (this.#waiting.size > 0) this.#askFrame();
  }
}
