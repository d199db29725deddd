/** Values kept in this browser. Storage may be forbidden (private windows): then a value lives as long as the page. */
export function readStored(key: string): string {
  try {
    return localStorage.getItem(`atelier.${key}`) ?? '';
  } catch {
    return '';
  }
}

export function writeStored(key: string, value: string): void {
  try {
    if (value === '') localStorage.removeItem(`atelier.${key}`);
    else localStorage.setItem(`atelier.${key}`, value);
  } catch {
    // Nothing to do: the page works without.
  }
}
