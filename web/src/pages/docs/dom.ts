/** Elements with their children. */

type Child = Node | string;

/** A new element; `attributes` that are undefined are left out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | undefined>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Text in which `words in backquotes` are code. */
export function prose(text: string): Child[] {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part))
    .filter((part) => part !== "");
}
