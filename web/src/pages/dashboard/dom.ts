/** Making elements without a template language. */

const SVG = "http://www.w3.org/2000/svg";

type Tag = keyof HTMLElementTagNameMap;

export function make<T extends Tag>(
  tag: T,
  className = "",
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function drawn<T extends keyof SVGElementTagNameMap>(
  tag: T,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
): SVGElementTagNameMap[T] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Sets a text only where it differs: an unchanged one costs no layout. */
export function put(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
