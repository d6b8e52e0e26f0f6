/** The page's own elements, by id. */

/** The element with this id. Throws when the page has none of that kind: a mistake of ours. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/** Shows one of several sections. */
export function showOnly(shown: HTMLElement | null, sections: readonly HTMLElement[]): void {
  for (const section of sections) section.hidden = section !== shown;
}
