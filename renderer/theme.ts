/**
 * The look, in one place. One accent (indigo); four data colours that mean the same everywhere:
 * strong = indigo, weak = orange, mixed = teal, SFT baseline = grey. 13 px text, borders instead of
 * shadows, a 4 px grid. Sequential colours (entropy) follow viridis; differences go blue to orange.
 */
import { createTheme } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  colors: {
    dark: [
      '#d5d9df',
      '#b4bac4',
      '#9aa2ae',
      '#6f7783',
      '#454c57',
      '#31363e',
      '#22262c',
      '#16181c',
      '#121417',
      '#0d0f11',
    ],
  },
  primaryShade: 7,
  autoContrast: true,
  luminanceThreshold: 0.4,
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', 'Cantarell', 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'JetBrains Mono', 'DejaVu Sans Mono', monospace",
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '18px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '3px', sm: '4px', md: '5px', lg: '6px', xl: '8px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '1.3' },
      h2: { fontSize: '15px', lineHeight: '1.4' },
      h3: { fontSize: '13px', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'xs' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } },
    InputWrapper: { styles: { description: { fontSize: '11px' } } },
    TextInput: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Text: { defaultProps: { size: 'md' } },
    Paper: { defaultProps: { withBorder: true, shadow: 'none' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false } },
    Tabs: { styles: { tab: { paddingBlock: 9 } } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 'md' } },
  },
});

export type ColorScheme = 'light' | 'dark';
/** `rose` and `lime` are for comparing more than four runs and have no meaning of their own. */
export type DataRole = 'strong' | 'weak' | 'mixed' | 'baseline' | 'rose' | 'lime';

/** Curves and dots; each pair has at least 3:1 against its background. */
export const dataColors: Record<DataRole, Record<ColorScheme, string>> = {
  strong: { light: '#4263eb', dark: '#748ffc' },
  weak: { light: '#d9590b', dark: '#ff922b' },
  mixed: { light: '#099268', dark: '#38d9a9' },
  baseline: { light: '#6b7480', dark: '#9aa3ad' },
  rose: { light: '#c2255c', dark: '#f783ac' },
  lime: { light: '#5c940d', dark: '#94d82d' },
};

/** Terms of the curriculum weight: alpha, beta, gamma. */
export const termColors: Record<ColorScheme, [string, string, string]> = {
  light: ['#7048e8', '#1c7ed6', '#c2255c'],
  dark: ['#b197fc', '#4dabf7', '#f783ac'],
};

const viridis = ['#440154', '#414487', '#2a788e', '#22a884', '#7ad151', '#fde725'];

/** Colour of a share 0..1 on the sequential scale, for entropies. */
export function sequentialColor(share: number): string {
  const bounded = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0));
  const position = bounded * (viridis.length - 1);
  const index = Math.min(viridis.length - 2, Math.floor(position));
  const mix = position - index;
  const from = viridis[index] ?? '#000000';
  const to = viridis[index + 1] ?? '#000000';
  const channel = (start: number): number => {
    const a = parseInt(from.slice(start, start + 2), 16);
    const b = parseInt(to.slice(start, start + 2), 16);
    return Math.round(a + (b - a) * mix);
  };
  return `rgb(${channel(1)} ${channel(3)} ${channel(5)})`;
}
