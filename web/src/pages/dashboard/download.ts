/** Hands a file to the browser: a link could not carry the token. */
export function saveAs(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // the browser has taken it once this task is over
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
