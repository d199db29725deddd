import { readStored, writeStored } from './browser-storage.js';

export const THEMES = ['auto', 'light', 'dark'] as const;
/** `auto` follows the system. */
export type Theme = (typeof THEMES)[number];

export const storedTheme = (): Theme => THEMES.find((theme) => theme === readStored('theme')) ?? 'auto';

export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  writeStored('theme', theme === 'auto' ? '' : theme);
}
