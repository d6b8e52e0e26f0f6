/** What old pages set before they load a script. */
export interface PageGlobals {
  currentUserId?: string | number | null;
  currentModuleId?: string | number | null;
  currentSectionId?: string | number | null;
}
