/** The staff token: from the address's fragment or the form, kept in this tab alone. */

const KEY = "staff-token";

/** The part of `Storage` that is used. */
export type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class StaffToken {
  constructor(private readonly kept: Kept) {}

  get value(): string | undefined {
    return this.kept.getItem(KEY) ?? undefined;
  }

  keep(token: string): void {
    this.kept.setItem(KEY, token.trim());
  }

  forget(): void {
    this.kept.removeItem(KEY);
  }

  /** Takes the token out of `#token=…` and returns what is left of the fragment, `#` and all. */
  takeFrom(fragment: string): string {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    const token = parts.get("token");
    if (token === null) return fragment;
    this.keep(token);
    parts.delete("token");
    const rest = parts.toString();
    return rest ? `#${rest}` : "";
  }
}
