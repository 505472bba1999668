import type { LlmRequest, MediaPart, TextPart, ToolDefinition, WireFormat } from '@holdfast/core'
import { budgetOf, composeWith, effortOf, outputInWords, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { commonImages, isText, portableMedia, refused } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'
import { object } from '../json/json.ts'
import { answerSchema } from './answer-schema.ts'
import { idRules } from './ids.ts'
import { takesSampling, takesSchema, thinkingOf, usualMaxTokens } from './models.ts'
import { readRequest } from './read-request.ts'
import { writeRequest } from './write-request.ts'

/** Composes a request to the Messages API. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: () => 'https://api.anthropic.com/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  rules,
  finish,
})

const always = ['parallelToolCalls', 'stopSequences', 'user'] as const

function rules(model: string): FitRules {
  return {
    ids: idRules,
    toolName: /^[a-zA-Z0-9_-]{1,128}$/,
    systemInside: false,
    userFirstAndLast: true,
    errorFlag: true,
    resultNames: false,
    resultMedia: true,
    refusals: false,
    parameters: new Set([
      ...always,
      ...(takesSampling(model) ? (['temperature', 'topP', 'topK'] as const) : []),
    ]),
    strictTools: takesSchema(model),
    media,
  }
}

function media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined {
  const fit = portableMedia(part, losses, where)
  if (fit === undefined) return undefined
  const { kind, mediaType = '', data } = fit
  const byData = data !== undefined
  if (kind === 'image' && (!byData || commonImages.has(mediaType))) return fit
  const pdf = mediaType === 'application/pdf' || (!byData && mediaType === '')
  if (kind === 'document' && pdf) return titled(fit)
  if (kind === 'document' && byData && isText(fit))
    return titled({ ...fit, mediaType: 'text/plain' })
  return refused(fit, losses, where)
}

/** The name of a file is its title here. */
function titled({ filename, ...part }: MediaPart): MediaPart {
  return filename === undefined ? part : { ...part, extra: { title: filename } }
}

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const stopSequences = fit.stopSequences?.filter((sequence) => sequence.trim() !== '')
  if (stopSequences?.length !== fit.stopSequences?.length) losses.meaning('blank stop sequence')
  const { temperature, topP, ...rest } = fit
  const request: LlmRequest = {
    ...rest,
    tools: fit.tools.map((tool) => fitTool(tool, losses)),
    maxOutputTokens: fit.maxOutputTokens ?? usualMaxTokens(fit.model),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...fitSampling(temperature, topP, losses),
    ...fitThinking(fit, asked, losses),
  }
  const { output } = outputOf(asked)
  if (output?.type === 'json-schema' && takesSchema(fit.model)) {
    return { ...request, output: { ...output, schema: answerSchema(output.schema, losses) } }
  }
  return outputInWords(request, asked, losses)
}

/** The schema of arguments: one object, without alternatives at its top; narrowed where it is strict. */
function fitTool(tool: ToolDefinition, losses: Losses): ToolDefinition {
  const { anyOf, oneOf, allOf, ...parameters } = object(tool.parameters) ?? {}
  if ((anyOf ?? oneOf ?? allOf) !== undefined) {
    losses.detail('alternatives at the top of a tool schema', 'tools')
  }
  return {
    ...tool,
    parameters: tool.strict === true ? answerSchema(parameters, losses) : parameters,
  }
}

/** One of the two, and no higher than 1. */
function fitSampling(
  temperature: number | undefined,
  topP: number | undefined,
  losses: Losses,
): Pick<LlmRequest, 'temperature' | 'topP'> {
  if (temperature === undefined) return topP === undefined ? {} : { topP }
  if (topP !== undefined) losses.detail('topP beside temperature')
  if (temperature > 1) losses.detail('temperature above 1')
  return { temperature: Math.min(1, temperature) }
}

function fitThinking(
  fit: LlmRequest,
  asked: LlmRequest,
  losses: Losses,
): Pick<LlmRequest, 'reasoning' | 'extra'> {
  const { extra } = fit
  // Thinking goes with no forced call and no temperature; inside of a tool loop it has to have begun with Claude's own.
  const forced = fit.toolChoice === 'required' || typeof fit.toolChoice === 'object'
  const inLoop = fit.messages.at(-1)?.parts.some(({ type }) => type === 'tool-result') === true
  const canThink = !forced && !inLoop && fit.temperature === undefined
  const how = thinkingOf(fit.model)
  if (how === 'effort') {
    const effort = effortOf(asked, ['low', 'medium', 'high', 'xhigh', 'max'], losses)
    if (effort === undefined) return { extra }
    const adaptive = canThink ? { thinking: { type: 'adaptive' } } : {}
    return { reasoning: { effort }, extra: { ...extra, ...adaptive } }
  }
  if (how === 'none') {
    effortOf(asked, [], losses)
    return { extra }
  }
  const budgetTokens = budgetOf(asked, losses)
  if (budgetTokens === undefined || budgetTokens < 1) return { extra }
  const most = (fit.maxOutputTokens ?? usualMaxTokens(fit.model)) - 1
  if (most < 1024 || !canThink) {
    losses.detail('reasoning')
    return { extra }
  }
  const fitting = Math.min(Math.max(1024, budgetTokens), most)
  if (fitting !== budgetTokens) losses.detail('size of the reasoning budget')
  return { reasoning: { budgetTokens: fitting }, extra }
}
