/**
 * Colours of the editor's theme, and distinct colours for folders that contrast with its
 * background.
 */

export interface Theme {
  foreground: string;
  background: string;
  faint: string;
  focus: string;
  /** Opacity of points that a search did not find. */
  faded: number;
  font: string;
  group: (number: number, name: string) => string;
}

/** Hues of the folders, ordered so that neighbours in the legend differ clearly. */
const HUES = [250, 50, 145, 330, 95, 200, 20, 300, 170, 275, 120, 225];
interface Tones {
  lightness: number;
  chroma: number;
  faded: number;
}

const DARK: Tones = { lightness: 0.74, chroma: 0.14, faded: 0.16 };
const LIGHT: Tones = { lightness: 0.56, chroma: 0.15, faded: 0.16 };
const CONTRAST_DARK: Tones = { lightness: 0.85, chroma: 0.16, faded: 0.4 };
const CONTRAST_LIGHT: Tones = { lightness: 0.42, chroma: 0.16, faded: 0.4 };

export function readTheme(body: HTMLElement): Theme {
  const style = getComputedStyle(body);
  const color = (name: string): string => style.getPropertyValue(`--vscode-${name}`).trim();
  const { lightness, chroma, faded } = tones(body.classList);
  const faint = color("descriptionForeground");
  return {
    foreground: color("editor-foreground"),
    background: color("editor-background"),
    faint,
    focus: color("focusBorder"),
    faded,
    font: style.fontFamily,
    group: (number, name) =>
      name === "" ? faint : `oklch(${String(lightness)} ${String(chroma)} ${String(HUES[number % HUES.length])})`,
  };
}

function tones(classes: DOMTokenList): Tones {
  if (classes.contains("vscode-high-contrast-light")) return CONTRAST_LIGHT;
  if (classes.contains("vscode-high-contrast")) return CONTRAST_DARK;
  return classes.contains("vscode-light") ? LIGHT : DARK;
}
