import { assemble, httpHeaders, LlmCall } from '@holdfast/core'
import type { Usage } from '@holdfast/core'
import { TokenCounter } from '@holdfast/policies/context'
import { recogniseCall } from '@holdfast/wire'
import { loadExchanges } from '../recordings/load.ts'
import type { Exchange } from '../recordings/load.ts'

/** A recorded request, and what its provider counted for it. */
export interface Recorded {
  readonly file: string
  readonly call: LlmCall
  readonly usage: Usage & { readonly inputTokens: number }
}

/** How far estimates are off what providers reported. */
export interface Accuracy {
  readonly compared: number
  /** How far the median may be off. */
  readonly limit: number
  readonly medianError: number
  /** The share of those that are off by no more than the limit. */
  readonly within: number
}

const openaiLimit = 0.03
const othersLimit = 0.05
const wires = new Set(['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'])

/** The recorded chats of the four wires, as calls. */
export function recordedCalls(folder: string): readonly Recorded[] {
  return loadExchanges(folder)
    .filter(({ wire }) => wires.has(wire))
    .flatMap((exchange) => recorded(exchange) ?? [])
}

/** What was measured. */
export interface Measured {
  readonly openai: Accuracy
  readonly others: Accuracy
  readonly byWire: ReadonlyMap<string, Accuracy>
  /** Those of the providers that were compared often enough to say something. */
  readonly byProvider: ReadonlyMap<string, Accuracy>
  readonly leftOut: number
}

/**
 * Counts what is recorded in its order, learning from each answer. A request is compared whose tokens are its own:
 * pictures, tools of the provider's and what the provider remembers are counted by nobody else.
 */
export async function measure(calls: readonly Recorded[]): Promise<Measured> {
  const counter = new TokenCounter()
  const seen = new Map<string, number>()
  const openai: number[] = []
  const others = new Map<string, number[]>()
  const providers = new Map<string, { readonly limit: number; readonly errors: number[] }>()
  const own = calls.filter(({ call }) => isOwn(call))
  for (const { call, usage } of own) {
    const { isSure } = await new TokenCounter().count(call)
    const count = await counter.count(call)
    const error = Math.abs(count.tokens - usage.inputTokens) / usage.inputTokens
    const model = `${call.format.name} ${call.provider} ${call.model}`
    const before = seen.get(model) ?? 0
    seen.set(model, before + 1)
    // Sure from the first one on: it has the model's own tokeniser.
    if (isSure || before >= 5) {
      const limit = isSure ? openaiLimit : othersLimit
      const wire = call.format.name
      if (isSure) openai.push(error)
      else others.set(wire, [...(others.get(wire) ?? []), error])
      const name = isSure ? `${call.provider} (OpenAI's models)` : call.provider
      const { errors } = providers.get(name) ?? { errors: [] }
      providers.set(name, { limit, errors: [...errors, error] })
    }
    count.learn(usage)
  }
  return {
    openai: accuracyOf(openai, openaiLimit),
    others: accuracyOf([...others.values()].flat(), othersLimit),
    byWire: new Map([...others].map(([wire, errors]) => [wire, accuracyOf(errors, othersLimit)])),
    byProvider: new Map(
      [...providers]
        .filter(([, { errors }]) => errors.length >= 5)
        .map(([name, { errors, limit }]) => [name, accuracyOf(errors, limit)]),
    ),
    leftOut: calls.length - own.length,
  }
}

function accuracyOf(errors: readonly number[], limit: number): Accuracy {
  const sorted = errors.toSorted((a, b) => a - b)
  return {
    compared: sorted.length,
    limit,
    medianError: sorted[sorted.length >> 1] ?? 0,
    within: sorted.filter((error) => error <= limit).length / Math.max(1, sorted.length),
  }
}

const media =
  /"(?:image_url|input_image|input_file|input_audio|inlineData|inline_data|fileData|file_data)"|"type":\s?"(?:image|document|file)"/

/** True where all that a request's tokens come from is in it as text. */
export function isOwn({ http, request, model }: LlmCall): boolean {
  const { extra, tools } = request
  return (
    !media.test(String(http.body)) &&
    tools.every(({ provider }) => provider === undefined) &&
    [
      'previous_response_id',
      'conversation',
      'prompt',
      'cachedContent',
      'mcp_servers',
      'container',
      'web_search_options',
    ].every((name) => (extra[name] ?? null) === null) &&
    !/search/.test(model)
  )
}

function recorded({
  file,
  wire,
  request,
  status,
  streaming,
  headers,
  body,
}: Exchange): Recorded | undefined {
  if (request?.body === undefined || status >= 400) return undefined
  const { method, url } = request
  const found = recogniseCall({ method, url, body: request.body })
  if (found?.format.name !== wire || found.facts.operation !== 'chat') return undefined
  const reader = found.format.replyReader({
    operation: 'chat',
    streaming,
    contentType: headers['content-type'] ?? null,
  })
  const { usage, model } = assemble([...reader.push(body), ...reader.end()])
  if (usage?.inputTokens === undefined || usage.inputTokens === 0) return undefined
  const { inputTokens } = usage
  const call = new LlmCall({
    id: file,
    format: found.format,
    ...found.facts,
    // A deployment's name says nothing of the model; the answer does.
    model: found.provider.startsWith('azure') ? (model ?? found.facts.model) : found.facts.model,
    provider: found.provider,
    http: {
      method,
      url,
      headers: httpHeaders(),
      body: request.body,
      signal: undefined,
      layer: 'fetch',
    },
    run: undefined,
    signal: new AbortController().signal,
    deadlineAt: undefined,
    resend: 0,
    emit() {},
  })
  return { file, call, usage: { ...usage, inputTokens } }
}
