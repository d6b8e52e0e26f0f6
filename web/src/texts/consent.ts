/** Changes whenever the sentences that the student agrees to do. */
export const CONSENT_VERSION = "2026-12";
