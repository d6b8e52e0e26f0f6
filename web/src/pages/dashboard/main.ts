/** The dashboard: for teachers, with a staff token. */

import { dashboardWording } from "../../texts/dashboard/wording.js";
import { addressOf } from "../shared/address.js";
import { DashboardPage } from "./dashboard-page.js";
import { StaffToken } from "./staff-token.js";

const { serviceUrl, languages } = addressOf({
  search: location.search,
  page: location.href,
  globals: {},
  builtFor: import.meta.env["VITE_PYTHON_SERVICE_URL"],
});
const wording = dashboardWording([...languages, ...navigator.languages]);

wording.fill(document);
document.title = wording.say("dash.title");
new DashboardPage(wording, serviceUrl, new StaffToken(sessionStorage));
