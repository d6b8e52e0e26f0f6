/** The API document, as the service that serves this page makes it. */

import { rootOf } from "../shared/address.js";
import { element } from "../shared/page.js";
import { DocsPage } from "./docs-page.js";
import type { OpenApi } from "./openapi.js";

const SOURCE = "openapi.json";

try {
  const answer = await fetch(SOURCE);
  if (!answer.ok) throw new Error(`${SOURCE} answered ${answer.status}`);
  new DocsPage((await answer.json()) as OpenApi, rootOf(location.href));
} catch (error) {
  element("about", HTMLElement).textContent = `The document could not be read: ${String(error)}`;
}
