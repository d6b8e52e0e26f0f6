/** An `EventTarget` whose events are named and typed by `Events`: name → detail. */
export class TypedEventTarget<Events extends object> extends EventTarget {
  /**
   * Calls `listener` with the detail of each `type` event, until `signal` aborts or the
   * returned function is called. A listener that throws disturbs nobody else.
   */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (detail: Events[Type]) => void,
    options: { once?: boolean; signal?: AbortSignal } = {},
  ): () => void {
    const hear = (event: Event) => listener((event as CustomEvent<Events[Type]>).detail);
    this.addEventListener(type, hear, options);
    return () => this.removeEventListener(type, hear);
  }

  protected emit<Type extends keyof Events & string>(type: Type, detail: Events[Type]): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
