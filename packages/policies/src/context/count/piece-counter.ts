import { countValue } from './count-value.ts'
import { estimateText } from './estimate-text.ts'
import type { CountText } from './encoding.ts'
import { openaiToolsText } from './openai-tools.ts'
import type { PieceCounter } from './prefix-counts.ts'

/** Counts as OpenAI does: with its tokeniser, and what stands around each message and the tools. */
export function openaiPieces(countText: CountText): PieceCounter {
  return {
    // Each message is put between marks of its role: 3, and the role itself.
    element: (value) => countValue(value, countText) + messageTokens,
    around(body) {
      const { tools, instructions, input } = body
      let tokens = answerTokens
      if (typeof instructions === 'string') tokens += countText(instructions) + messageTokens
      if (typeof input === 'string') tokens += countText(input) + messageTokens
      if (Array.isArray(tools) && tools.length > 0) tokens += countText(openaiToolsText(tools)) + 9
      return tokens
    },
  }
}

// https://github.com/openai/openai-cookbook, how to count tokens (2026-11-21)
const messageTokens = 4
/** The answer begins with marks, too. */
const answerTokens = 3

/** Estimates, for whom no tokeniser is published. */
export const estimatedPieces: PieceCounter = {
  element: (value) => countValue(value, estimateText) + messageTokens,
  around({ tools, system, instructions, input, prompt, ...rest }) {
    const told = [system, instructions, input, prompt, rest['systemInstruction']]
    let tokens = answerTokens
    for (const one of told) tokens += countValue(one, estimateText)
    if (Array.isArray(tools) && tools.length > 0) tokens += estimateText(JSON.stringify(tools))
    return tokens
  },
}
