import { present } from '@holdfast/core'
import type { LlmRequest, MediaPart, TextPart, WireFormat } from '@holdfast/core'
import { composeWith, effortOf, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { commonImages, portableMedia, refused } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'
import { efforts, isReasoningModel, toolName } from '../openai-chat/models.ts'
import { asStrict } from '../openai-chat/strict.ts'
import { isString } from '../request/members.ts'
import { idRules } from './ids.ts'
import { readRequest } from './read-request.ts'
import { writeRequest } from './write-request.ts'

/** Composes a request to the Responses API. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: () => 'https://api.openai.com/v1/responses',
  rules,
  finish,
})

const always = ['parallelToolCalls', 'user', 'metadata'] as const

function rules(model: string): FitRules {
  return {
    ids: idRules,
    toolName,
    systemInside: true,
    userFirstAndLast: false,
    errorFlag: false,
    resultNames: false,
    resultMedia: true,
    refusals: true,
    parameters: new Set([
      ...always,
      ...(isReasoningModel(model) ? [] : (['temperature', 'topP'] as const)),
    ]),
    strictTools: true,
    media,
  }
}

function media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined {
  const fit = portableMedia(part, losses, where, { takesDetail: true })
  if (fit === undefined) return undefined
  const { kind, mediaType = '', data, url } = fit
  if (kind === 'image' && (data === undefined || commonImages.has(mediaType))) return fit
  if (kind !== 'document') return refused(fit, losses, where)
  return url === undefined ? { filename: nameFor(mediaType), ...fit } : fit
}

function nameFor(mediaType: string): string {
  const ending = mediaType === 'text/plain' ? 'txt' : (mediaType.split('/')[1] ?? 'bin')
  return `document.${ending}`
}

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const effort = effortOf(asked, isReasoningModel(fit.model) ? efforts : [], losses)
  const { maxOutputTokens, metadata, ...rest } = fit
  if (maxOutputTokens !== undefined && maxOutputTokens < 16) losses.detail('fewer than 16 tokens')
  const texts = metadata !== undefined && Object.values(metadata).every(isString)
  if (metadata !== undefined && !texts) losses.detail('metadata')
  const { tools, output } = asStrict(fit, outputOf(asked).output, losses)
  return {
    ...rest,
    // Tools are strict here unless they say otherwise.
    tools: tools.map((tool) => ({ ...tool, strict: tool.strict ?? false })),
    ...present({
      output,
      metadata: texts ? metadata : undefined,
      maxOutputTokens: maxOutputTokens && Math.max(16, maxOutputTokens),
      reasoning: effort === undefined ? undefined : { effort },
    }),
    // Nobody asked OpenAI to keep what was meant for another provider.
    extra: { store: false },
  }
}
