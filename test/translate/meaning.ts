import { isDeepStrictEqual } from 'node:util'
import type { LlmRequest, MediaPart, Message, Part, ToolResultPart } from '@holdfast/core'

/** What a request asks for, whatever format it was read from: two requests that mean the same are deeply equal. */
export interface Meaning {
  readonly system: string
  readonly said: readonly unknown[]
  readonly tools: readonly unknown[]
  readonly settings: Readonly<Record<string, unknown>>
}

/** The meaning of a request. */
export function meaningOf(request: LlmRequest): Meaning {
  const said = saidOf(request.messages)
  // A system message before anybody said anything is one of the instructions.
  const first = said.findIndex(({ speaker }) => speaker !== 'system')
  const leading = said.splice(0, first < 0 ? said.length : first)
  const told = leading.map(({ value }) => (value as { text: string }).text)
  return {
    system: [...textsOf(request.system), ...told].join('\n\n'),
    said,
    tools: request.tools.map(({ name, description, parameters, strict }) => ({
      name,
      description: description ?? '',
      parameters: { type: 'object', properties: {}, ...(schemaOf(parameters) as object) },
      strict: strict === true,
    })),
    settings: settingsOf(request),
  }
}

/** Where two meanings differ, in one line; undefined where they are the same. */
export function meaningDiffers(before: Meaning, after: Meaning): string | undefined {
  for (const name of ['system', 'said', 'tools', 'settings'] as const) {
    if (isDeepStrictEqual(before[name], after[name])) continue
    const [one, other] = firstDifference(before[name], after[name])
    return `${name}: ${short(one)}, then ${short(other)}`
  }
  return undefined
}

function saidOf(messages: readonly Message[]): { speaker: string; value: unknown }[] {
  const ordinals = new Map<string, number>()
  const waiting: { id: string; name: string; ordinal: number }[] = []
  let calls = 0
  const turns: { speaker: string; said: { rank: number; value: unknown }[] }[] = []
  for (const message of messages) {
    const role = message.extra?.['role']
    const system = message.role !== 'assistant' && (role === 'system' || role === 'developer')
    const speaker = system ? 'system' : message.role === 'assistant' ? 'assistant' : 'user'
    if (turns.at(-1)?.speaker !== speaker) turns.push({ speaker, said: [] })
    const said = turns.at(-1)?.said ?? []
    for (const part of message.parts) {
      if (part.type === 'tool-call') {
        const ordinal = calls++
        ordinals.set(part.id, ordinal)
        waiting.push({ id: part.id, name: part.name, ordinal })
        const call = {
          call: ordinal,
          name: part.name,
          arguments: jsonOf(part.arguments || '{}') ?? {},
        }
        // Chat has no place for words after a call.
        said.push({ rank: 1_000_000, value: call })
      } else if (part.type === 'tool-result') {
        const at = waiting.findIndex(
          ({ id, name }) => id === part.id && (id !== '' || name === (part.name ?? name)),
        )
        const [call] = at < 0 ? [] : waiting.splice(at, 1)
        // Results come first, in the order of their calls.
        said.push({ rank: -1_000_000 + (call?.ordinal ?? 0), value: resultOf(part, call?.ordinal) })
      } else {
        const value = partOf(part)
        if (value !== undefined) said.push({ rank: 0, value })
      }
    }
  }
  return turns.flatMap(({ speaker, said }) =>
    said.toSorted((a, b) => a.rank - b.rank).map(({ value }) => ({ speaker, value })),
  )
}

function resultOf(part: ToolResultPart, call: number | undefined): unknown {
  return {
    result: call,
    text: jsonOf(textsOf(part.parts).join('')),
    media: part.parts.filter((one) => one.type === 'media').map(mediaOf),
    isError: part.isError === true,
  }
}

function partOf(part: Part): unknown {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' ? undefined : { text: part.text }
    case 'refusal':
      return { refusal: part.text }
    case 'media':
      return mediaOf(part)
    default:
      // Reasoning of earlier turns is dropped by name wherever there is any.
      return undefined
  }
}

function mediaOf({ kind, url, data, mediaType }: MediaPart): unknown {
  if (url !== undefined) return { kind, url }
  return {
    kind,
    data: data && Buffer.from(data, 'base64').toString('base64'),
    mediaType: mediaType?.replace('image/jpg', 'image/jpeg'),
  }
}

function settingsOf(request: LlmRequest): Readonly<Record<string, unknown>> {
  const { toolChoice, tools, output } = request
  const choice = tools.length === 0 || toolChoice === 'auto' ? undefined : toolChoice
  const schema = output?.type === 'json-schema' ? schemaOf(output.schema) : undefined
  const settings = {
    stream: request.stream,
    maxOutputTokens: request.maxOutputTokens,
    temperature: request.temperature,
    topP: unlessNegative(request.topP),
    topK: unlessNegative(request.topK),
    seed: request.seed,
    frequencyPenalty: request.frequencyPenalty,
    presencePenalty: request.presencePenalty,
    stopSequences: request.stopSequences?.length === 0 ? undefined : request.stopSequences,
    reasoning: request.reasoning,
    user: request.user,
    toolChoice: choice,
    oneToolCall: tools.length > 0 && request.parallelToolCalls === false ? true : undefined,
    output: output === undefined || output.type === 'text' ? undefined : { ...output, schema },
  }
  // The label and the strictness of a schema are each provider's own affair.
  const { output: asked } = settings
  if (asked !== undefined) settings.output = { type: asked.type, schema: asked.schema } as never
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function unlessNegative(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : value
}

/** The first request's settings decide what is compared: a length that nobody asked for is no difference. */
export function withoutUsualLength(after: Meaning, before: Meaning): Meaning {
  if ('maxOutputTokens' in before.settings) return after
  const { maxOutputTokens: _, ...settings } = after.settings
  return { ...after, settings }
}

function textsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) =>
    part.type === 'text' && part.text.trim() !== '' ? [part.text] : [],
  )
}

/** Google's dialect says the same in capitals. */
function schemaOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(schemaOf)
  if (typeof schema !== 'object' || schema === null) return schema
  const { nullable, $schema: _, ...members } = schema as Readonly<Record<string, unknown>>
  const plain: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) {
    const numbered = name === 'type' && typeof value === 'number' ? types[value] : value
    const isType = name === 'type' && typeof numbered === 'string'
    plain[name] = isType
      ? nullable
        ? [numbered.toLowerCase(), 'null']
        : numbered.toLowerCase()
      : schemaOf(value)
  }
  return plain
}

const types = ['', 'string', 'number', 'integer', 'boolean', 'array', 'object']

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function firstDifference(one: unknown, other: unknown): [unknown, unknown] {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return [one, other]
  }
  const before = one as Record<string, unknown>
  const after = other as Record<string, unknown>
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!isDeepStrictEqual(before[name], after[name])) {
      const [left, right] = firstDifference(before[name], after[name])
      return [{ [name]: left }, { [name]: right }]
    }
  }
  return [one, other]
}

function short(value: unknown): string {
  const source = JSON.stringify(value) ?? 'nothing'
  return source.length > 160 ? `${source.slice(0, 157)}…` : source
}
