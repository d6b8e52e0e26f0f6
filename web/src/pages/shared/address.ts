/** Who is measured for what, and where the service answers: from the page's address and globals. */

import type { PageGlobals } from "../../element/page-globals.js";

export interface Address {
  readonly serviceUrl: string;
  readonly userId: string | undefined;
  readonly moduleId: string | undefined;
  readonly sectionId: string | undefined;
  readonly token: string | undefined;
  /** Languages the page was asked for, before the browser's own. */
  readonly languages: readonly string[];
}

interface Surroundings {
  readonly search: string;
  /** The page's own URL: it stands in the root of its service, behind a proxy in a folder. */
  readonly page: string;
  readonly globals: PageGlobals;
  /** `VITE_PYTHON_SERVICE_URL` of the build. */
  readonly builtFor: string | undefined;
}

export function addressOf({ search, page, globals, builtFor }: Surroundings): Address {
  const query = new URLSearchParams(search);
  const id = (name: string, global: string | number | null | undefined) =>
    query.get(name)?.trim() || (global ?? "").toString() || undefined;
  const language = query.get("lang");
  return {
    serviceUrl: webUrl(query.get("service"), page) ?? webUrl(builtFor, page) ?? rootOf(page),
    userId: id("user_id", globals.currentUserId),
    moduleId: id("module_id", globals.currentModuleId),
    sectionId: id("section_id", globals.currentSectionId),
    token: query.get("token") || undefined,
    languages: language ? [language] : [],
  };
}

/** The folder that a page stands in, without the trailing slash. */
export function rootOf(page: string): string {
  return new URL(".", page).href.replace(/\/$/, "");
}

/** An absolute http(s) URL without its trailing slash, or null. */
function webUrl(text: string | null | undefined, base: string): string | null {
  if (!text || !URL.canParse(text, base)) return null;
  const { protocol, href } = new URL(text, base);
  return protocol === "http:" || protocol === "https:" ? href.replace(/\/+$/, "") : null;
}
