import type { LlmRequest, MediaPart, TextPart, WireFormat } from '@holdfast/core'
import { composeWith, effortOf, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { asText, commonImages, isText, portableMedia, refused } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'
import { idRules } from './ids.ts'
import { readRequest } from './read-request.ts'
import { writeRequest } from './write-request.ts'

/** Composes a request of Ollama's chat. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: () => 'http://127.0.0.1:11434/api/chat',
  rules: () => rules,
  finish,
})

const rules: FitRules = {
  ids: idRules,
  toolName: /./,
  systemInside: true,
  userFirstAndLast: false,
  errorFlag: false,
  resultNames: true,
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
  const { kind, data, mediaType = '' } = fit
  if (data === undefined) return refused(fit, losses, where)
  if (kind === 'image' && commonImages.has(mediaType)) return fit
  return kind === 'document' && isText(fit)
    ? asText(fit, losses, where)
    : refused(fit, losses, where)
}

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  // A model that does not think refuses to be asked for it, and its name does not tell which one does.
  if (asked.reasoning !== undefined) effortOf(asked, [], losses)
  const { toolChoice, ...rest } = fit
  if (toolChoice === 'required' || typeof toolChoice === 'object') {
    losses.meaning('tool choice', 'tools')
  }
  return {
    ...rest,
    ...outputOf(asked),
    // To offer none is the only way to forbid them.
    tools: toolChoice === 'none' ? [] : fit.tools,
    // Said also where it is what Ollama does anyway: a proxy may think otherwise.
    extra: { stream: fit.stream },
  }
}
