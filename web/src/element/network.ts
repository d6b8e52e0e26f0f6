/** Chromium's Network Information: not in TypeScript's own library. */
interface Connection {
  readonly connection?: EventTarget & { readonly type?: string };
}

/**
 * Calls `listener` when the browser is online again or changes its network. Its own event comes
 * with every new estimate of delay and bandwidth as well; only another kind of network counts.
 */
export function onNetworkChange(listener: () => void, signal?: AbortSignal): void {
  const options = signal ? { signal } : {};
  window.addEventListener("online", listener, options);
  const { connection } = navigator as Connection;
  let type = connection?.type;
  const compare = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    listener();
  };
  connection?.addEventListener("change", compare, options);
}
