import { present } from '@holdfast/core'
import type { LlmRequest, MediaPart, Message, TextPart, WireFormat } from '@holdfast/core'
import { composeWith, effortOf, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { asText, commonImages, isText, portableMedia, refused } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'

import { idRulesFor } from './ids.ts'
import {
  efforts,
  isMistralModel,
  isReasoningModel,
  toolName,
  wantsReasoningBack,
} from './models.ts'
import { readRequest } from './read-request.ts'
import { asStrict } from './strict.ts'
import { writeRequest } from './write-request.ts'

/** Composes a chat completion. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: () => 'https://api.openai.com/v1/chat/completions',
  rules,
  finish,
})

const always = ['parallelToolCalls'] as const
const openai = ['seed', 'user'] as const
const sampling = [
  'temperature',
  'topP',
  'frequencyPenalty',
  'presencePenalty',
  'stopSequences',
] as const

function rules(model: string): FitRules {
  return {
    ids: idRulesFor(model),
    toolName,
    systemInside: true,
    userFirstAndLast: false,
    errorFlag: false,
    resultNames: false,
    resultMedia: false,
    refusals: true,
    // Reasoning models refuse to be told how to sample.
    parameters: new Set([
      ...always,
      ...(isMistralModel(model) ? [] : openai),
      ...(isReasoningModel(model) ? [] : sampling),
    ]),
    strictTools: true,
    media,
  }
}

function media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined {
  const fit = portableMedia(part, losses, where, { takesDetail: true })
  if (fit === undefined) return undefined
  const { kind, mediaType = '', data } = fit
  const byData = data !== undefined
  if (kind === 'image' && (!byData || commonImages.has(mediaType))) return fit
  if (kind === 'audio' && /^audio\/(wav|mp3|mpeg)$/.test(mediaType) && byData) {
    return { ...fit, mediaType: mediaType.replace('mpeg', 'mp3') }
  }
  if (kind === 'document' && byData && isText(fit)) return asText(fit, losses, where)
  if (kind === 'document' && byData && mediaType === 'application/pdf') {
    return { filename: 'document.pdf', ...fit }
  }
  return refused(fit, losses, where)
}

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const reasons = isReasoningModel(fit.model)
  const effort = effortOf(asked, reasons ? efforts : [], losses)
  const { maxOutputTokens, stopSequences, ...rest } = fit
  if (stopSequences !== undefined && stopSequences.length > 4) {
    losses.meaning('more than four stop sequences')
  }
  return {
    ...rest,
    ...(wantsReasoningBack(fit.model) ? { messages: fit.messages.map(withReasoning) } : {}),
    ...present({
      stopSequences: stopSequences?.slice(0, 4),
      // The older name is understood by everybody who speaks this format, except OpenAI's reasoning models.
      maxOutputTokens: reasons ? maxOutputTokens : undefined,
      reasoning: effort === undefined ? undefined : { effort },
    }),
    ...asStrict(fit, outputOf(asked).output, losses),
    extra: {
      // Mistral's servers count without being asked, and refuse to be.
      ...(fit.stream && !isMistralModel(fit.model)
        ? { stream_options: { include_usage: true } }
        : {}),
      ...(reasons ? {} : present({ max_tokens: maxOutputTokens })),
    },
  }
}

/** What others said was not reasoned by this model; it wants to be told something all the same. */
function withReasoning(message: Message): Message {
  return message.role === 'assistant'
    ? { ...message, extra: { reasoning_content: '(none)' } }
    : message
}
