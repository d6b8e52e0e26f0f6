/** Chromium's Network Information: not in TypeScript's own library. */
interface Connection {
  readonly connection?: EventTarget;
}

/** Calls `listener` when the browser is online again or changes its network. */
export function onNetworkChange(listener: () => void, signal?: AbortSignal): void {
  const options = signal ? { signal } : {};
  window.addEventListener("online", listener, options);
  (navigator as Connection).connection?.addEventListener("change", listener, options);
}
