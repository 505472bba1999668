import { present } from '@holdfast/core'
import type { LlmRequest, MediaPart, TextPart, ToolDefinition, WireFormat } from '@holdfast/core'
import { answerSchema } from '../anthropic-messages/answer-schema.ts'
import { takesSampling, takesSchema, thinkingOf } from '../anthropic-messages/models.ts'
import { budgetOf, composeWith, effortOf, outputInWords, outputOf } from '../compose/compose.ts'
import type { Losses } from '../compose/losses.ts'
import { portableMedia, refused } from '../compose/media.ts'
import type { FitRules } from '../compose/rules.ts'

import { idRules } from './ids.ts'
import { takesMedia } from './media.ts'
import { readRequest } from './read-request.ts'
import { writeRequest } from './write-request.ts'

/** Composes a request of Converse. Where no other address is named, it goes to AWS's first region. */
export const composeRequest: NonNullable<WireFormat['composeRequest']> = composeWith({
  codec: { read: readRequest, write: writeRequest },
  url: ({ model, stream }) =>
    `https://bedrock-runtime.us-east-1.amazonaws.com/model/${encodeURIComponent(model)}/` +
    (stream ? 'converse-stream' : 'converse'),
  rules,
  finish,
})

function rules(model: string): FitRules {
  const sampling = !isClaude(model) || takesSampling(model)
  return {
    ids: idRules,
    toolName: /^[a-zA-Z0-9_-]{1,64}$/,
    systemInside: false,
    userFirstAndLast: true,
    errorFlag: true,
    resultNames: false,
    resultMedia: true,
    refusals: false,
    strictTools: false,
    parameters: new Set(['stopSequences', ...(sampling ? (['temperature', 'topP'] as const) : [])]),
    media,
  }
}

function isClaude(model: string): boolean {
  return model.includes('claude')
}

function media(part: MediaPart, losses: Losses, where: string): MediaPart | TextPart | undefined {
  const fit = portableMedia(part, losses, where)
  if (fit === undefined) return undefined
  return takesMedia(fit) ? fit : refused(fit, losses, where)
}

function finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const { toolChoice, ...rest } = fit
  if (toolChoice === 'none') losses.meaning('tool choice none', 'tools')
  const { temperature } = fit
  if (temperature !== undefined && temperature > 1) losses.detail('temperature above 1')
  const request: LlmRequest = {
    ...rest,
    ...fitReasoning(fit, asked, losses),
    ...present({
      toolChoice: toolChoice === 'none' ? undefined : toolChoice,
      temperature: temperature === undefined ? undefined : Math.min(1, temperature),
    }),
    tools: fit.tools.length > 0 ? fit.tools : toolsOfEarlierTurns(fit),
  }
  const { output } = outputOf(asked)
  if (output?.type === 'json-schema' && isClaude(fit.model) && takesSchema(fit.model)) {
    return { ...request, output: { ...output, schema: answerSchema(output.schema, losses) } }
  }
  return outputInWords(request, asked, losses)
}

/** Bedrock refuses calls and results in a conversation that offers no tools. */
function toolsOfEarlierTurns({ messages }: LlmRequest): ToolDefinition[] {
  const names = messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
  )
  return [...new Set(names)].map((name) => ({
    name,
    parameters: { type: 'object', properties: {} },
  }))
}

/** Only Claude's models have one word for how much they think. */
function fitReasoning(
  fit: LlmRequest,
  asked: LlmRequest,
  losses: Losses,
): Pick<LlmRequest, 'reasoning'> {
  const how = isClaude(fit.model) ? thinkingOf(fit.model) : 'none'
  if (how === 'effort') {
    const effort = effortOf(asked, ['low', 'medium', 'high', 'xhigh', 'max'], losses)
    return effort === undefined ? {} : { reasoning: { effort } }
  }
  if (how === 'none') {
    effortOf(asked, [], losses)
    return {}
  }
  const budgetTokens = budgetOf(asked, losses)
  if (budgetTokens === undefined || budgetTokens < 1) return {}
  const forced = fit.toolChoice === 'required' || typeof fit.toolChoice === 'object'
  // Inside of a tool loop the last answer has to begin with thinking of Claude's own.
  const inLoop = fit.messages.at(-1)?.parts.some(({ type }) => type === 'tool-result') === true
  const most = (fit.maxOutputTokens ?? Number.POSITIVE_INFINITY) - 1
  if (most < 1024 || forced || inLoop || fit.temperature !== undefined) {
    losses.detail('reasoning')
    return {}
  }
  return { reasoning: { budgetTokens: Math.min(Math.max(1024, budgetTokens), most) } }
}
