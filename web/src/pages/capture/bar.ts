/** Divides a bar between the three accounts, by their seconds. */
export function divide(
  bar: HTMLElement,
  focused: number,
  unfocused: number,
  unknown: number,
): void {
  bar.style.setProperty("--focused-seconds", String(focused));
  bar.style.setProperty("--unfocused-seconds", String(unfocused));
  bar.style.setProperty("--unknown-seconds", String(unknown));
}
