import { present } from '@holdfast/core'
import type { LlmRequest, MediaPart, Part, TextPart, WireFormat } from '@holdfast/core'
import { budgetOf, composeWith, effortOf, outputInWords, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { portableMedia } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'
import { plainSchema } from '../compose/schema.ts'

import { idRules, unsignedCall } from './ids.ts'
import { isThirdGeneration, levelsOf, thinks } from './models.ts'
import { readRequest } from './read-request.ts'
import { writeRequest } from './write-request.ts'

/** Composes a request to the Gemini API. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: ({ model, stream }) => {
    const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    const base = 'https://generativelanguage.googleapis.com/v1beta/models'
    return `${base}/${encodeURIComponent(model)}:${method}`
  },
  rules: () => rules,
  finish,
})

const rules: FitRules = {
  ids: idRules,
  toolName: /^[a-zA-Z_][\w.:-]{0,127}$/,
  systemInside: false,
  userFirstAndLast: true,
  errorFlag: true,
  resultNames: true,
  resultMedia: true,
  refusals: false,
  strictTools: false,
  parameters: new Set(['temperature', 'topP', 'topK', 'seed', 'stopSequences']),
  media,
}

function media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined {
  const fit = portableMedia(part, losses, where)
  if (fit === undefined) return undefined
  const { filename, ...rest } = fit
  if (filename !== undefined) losses.detail('file name', where)
  return { ...rest, mediaType: fit.mediaType ?? typeOf(fit, losses, where) }
}

const usualTypes = {
  image: 'image/jpeg',
  document: 'application/pdf',
  audio: 'audio/mp3',
  video: 'video/mp4',
}
const typeByEnding: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  txt: 'text/plain',
}

/** What is behind a URL, which Google wants to be told. */
function typeOf({ url = '', kind }: MediaPart, losses: Losses, where: string): string {
  const ending = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? ''
  const known = typeByEnding[ending]
  if (known === undefined) losses.detail(`type of the ${kind} by URL, guessed`, where)
  return known ?? usualTypes[kind]
}

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const newer = isThirdGeneration(fit.model)
  const { stopSequences } = fit
  if (stopSequences !== undefined && stopSequences.length > 5) {
    losses.meaning('more than five stop sequences')
  }
  const request: LlmRequest = {
    ...fit,
    messages: newer
      ? fit.messages.map((message) => ({ ...message, parts: signed(message.parts) }))
      : fit.messages,
    ...present({ stopSequences: stopSequences?.slice(0, 5) }),
    ...fitThinking(fit, asked, newer, losses),
  }
  const { output } = outputOf(asked)
  // Before the third generation it is tools or an output format.
  if (output === undefined || (!newer && fit.tools.length > 0)) {
    return outputInWords(request, asked, losses)
  }
  return output.type === 'json-schema'
    ? { ...request, output: { ...output, schema: plainSchema(output.schema) } }
    : { ...request, output }
}

/** The first call of a turn carries a signature; these calls are not Gemini's own. */
function signed(parts: readonly Part[]): readonly Part[] {
  const first = parts.find(({ type }) => type === 'tool-call')
  return parts.map((part) =>
    part === first && part.type === 'tool-call'
      ? { ...part, extra: { thoughtSignature: unsignedCall } }
      : part,
  )
}

function fitThinking(
  fit: LlmRequest,
  asked: LlmRequest,
  newer: boolean,
  losses: Losses,
): Pick<LlmRequest, 'reasoning'> {
  if (newer || !thinks(fit.model)) {
    const effort = effortOf(asked, newer ? levelsOf(fit.model) : [], losses)
    return effort === undefined ? {} : { reasoning: { effort } }
  }
  const budgetTokens = budgetOf(asked, losses)
  return budgetTokens === undefined
    ? {}
    : { reasoning: { budgetTokens: Math.min(budgetTokens, 24_576) } }
}
