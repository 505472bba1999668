import { present } from '@holdfast/core'
import type { LlmRequest, MediaPart, TextPart, WireFormat } from '@holdfast/core'
import { budgetOf, composeWith, effortOf, outputInWords, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { asText, commonImages, isText, portableMedia, refused } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'

import { idRules } from './ids.ts'
import { readRequest } from './read-request.ts'
import { writeRequest } from './write-request.ts'

/** Composes a request of Cohere's v2 chat. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: () => 'https://api.cohere.com/v2/chat',
  rules: () => rules,
  finish,
})

const rules: FitRules = {
  ids: idRules,
  toolName: /^[\w-]{1,128}$/,
  systemInside: true,
  userFirstAndLast: true,
  errorFlag: false,
  resultNames: false,
  resultMedia: false,
  refusals: false,
  strictTools: false,
  parameters: new Set([
    'temperature',
    'topP',
    'topK',
    'seed',
    'frequencyPenalty',
    'presencePenalty',
    'stopSequences',
  ]),
  media,
}

function media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined {
  const fit = portableMedia(part, losses, where)
  if (fit === undefined) return undefined
  const byData = fit.data !== undefined
  if (fit.kind === 'image' && (!byData || commonImages.has(fit.mediaType ?? ''))) return fit
  if (fit.kind === 'document' && byData && isText(fit)) return asText(fit, losses, where)
  return refused(fit, losses, where)
}

// https://docs.cohere.com/v2/reference/chat (2026-11-21)
const mostStops = 5

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const { toolChoice, stopSequences } = fit
  if (typeof toolChoice === 'object' && fit.tools.length > 1) {
    losses.meaning('tool choice by name', 'tools')
  }
  if (stopSequences !== undefined && stopSequences.length > mostStops) {
    losses.meaning('more than five stop sequences')
  }
  const request: LlmRequest = {
    ...fit,
    ...fitReasoning(fit, asked, losses),
    ...present({
      temperature: atMostOne('temperature', fit.temperature, losses),
      topP: atMostOne('topP', fit.topP, losses, 0.99),
      frequencyPenalty: atMostOne('frequencyPenalty', fit.frequencyPenalty, losses),
      presencePenalty: atMostOne('presencePenalty', fit.presencePenalty, losses),
      stopSequences: stopSequences?.slice(0, mostStops),
    }),
  }
  // Tools and a format for the answer are not taken together.
  if (fit.tools.length > 0) return outputInWords(request, asked, losses)
  return { ...request, ...outputOf(asked) }
}

function atMostOne(
  name: string,
  value: number | undefined,
  losses: Losses,
  most = 1,
): number | undefined {
  if (value === undefined) return undefined
  if (value > 1 || value < 0) losses.detail(`${name} outside of 0 to 1`)
  return Math.min(most, Math.max(0, value))
}

/** Only some models think. */
function fitReasoning(
  { model }: LlmRequest,
  asked: LlmRequest,
  losses: Losses,
): Pick<LlmRequest, 'reasoning'> {
  if (!/reasoning|command-a-plus/.test(model)) {
    effortOf(asked, [], losses)
    return {}
  }
  const budgetTokens = budgetOf(asked, losses)
  return budgetTokens === undefined || budgetTokens < 1 ? {} : { reasoning: { budgetTokens } }
}
