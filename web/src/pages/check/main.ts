/** The connection test: camera, service, and each way the pictures could travel. */

import type { PageGlobals } from "../../element/page-globals.js";
import { Bearer } from "../../lib/bearer.js";
import { browserEnvironment } from "../../lib/environment.js";
import { Wording } from "../../texts/wording.js";
import { addressOf } from "../shared/address.js";
import { CheckPage } from "./check-page.js";
import { ConnectionTest } from "./connection-test.js";

/** Nobody's lesson: one that runs in another tab goes on. With a token its own ids count. */
const NOBODY = { userId: "connection-test", moduleId: "connection-test" };

const address = addressOf({
  search: location.search,
  page: location.href,
  globals: window as PageGlobals,
  builtFor: import.meta.env["VITE_PYTHON_SERVICE_URL"],
});
const { serviceUrl, token, languages } = address;
const wording = Wording.of([...languages, ...navigator.languages]);
const environment = browserEnvironment();

wording.fill(document);
document.title = wording.say("check.title");
new CheckPage(
  () =>
    new ConnectionTest({
      serviceUrl,
      ids: token === undefined ? NOBODY : {},
      bearer: new Bearer(environment.fetch, token),
      environment,
    }),
  serviceUrl,
  wording,
);
