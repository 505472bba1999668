import { styleText } from 'node:util'

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Colours on a terminal that has them; NO_COLOR and FORCE_COLOR decide. */
export const terminalPaint: Paint = (style, text) =>
  styleText(style, text, { stream: process.stdout })

/** No colours. */
export const plainPaint: Paint = (_, text) => text
