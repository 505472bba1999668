/** Changes a text that comes piece by piece. */
export interface TextEdit {
  /** What can be handed up of the text so far; the end of it may be held back. */
  push(text: string): string
  /** What is left; no text comes any more. */
  end(): string
}

/** Two changes, one after the other. */
export function both(first: TextEdit, second: TextEdit): TextEdit {
  return {
    push: (text) => second.push(first.push(text)),
    end: () => second.push(first.end()) + second.end(),
  }
}
