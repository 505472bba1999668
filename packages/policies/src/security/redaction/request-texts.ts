import type { LlmRequest, Message, OutputFormat, Part, ToolDefinition } from '@holdfast/core'

/** Where a text of a request stands. */
export type TextPlace =
  | 'system'
  | 'user'
  | 'assistant'
  | 'tool-result'
  /** JSON text. */
  | 'arguments'
  | 'tool'
  | 'metadata'

/** What becomes of a text; the same text where nothing does. */
export type MapText = (text: string, place: TextPlace) => string

/**
 * The request with other texts, wherever it has any: the very same request where none changed, and pieces without a
 * change are the same objects. Ids, names, media data and what a provider has signed stay as they are.
 */
export function mapRequestTexts(request: LlmRequest, map: MapText): LlmRequest {
  // What grows comes last, so that a text mostly has the place that it had in the request before.
  const system = mapList(request.system, (part) => mapPart(part, 'system', map))
  const tools = mapList(request.tools, (tool) => mapTool(tool, map))
  const user = request.user === undefined ? undefined : map(request.user, 'metadata')
  const metadata =
    request.metadata === undefined
      ? undefined
      : mapStrings(request.metadata, (text) => map(text, 'metadata'))
  const output = mapOutput(request.output, map)
  const stops = request.stopSequences
  const stopSequences = stops && mapList(stops, (text) => map(text, 'metadata'))
  const extra = mapExtraMembers(request.extra, (text) => map(text, 'metadata'))
  const messages = mapList(request.messages, (message) => mapMessageTexts(message, map))
  if (
    system === request.system &&
    messages === request.messages &&
    tools === request.tools &&
    user === request.user &&
    metadata === request.metadata &&
    output === request.output &&
    stopSequences === stops &&
    extra === request.extra
  )
    return request
  return {
    ...request,
    system,
    messages,
    tools,
    extra,
    ...(output === undefined ? {} : { output }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...(user === undefined ? {} : { user }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** The message with other texts; the very same where none changed. */
export function mapMessageTexts(message: Message, map: MapText): Message {
  const place =
    message.role === 'tool'
      ? 'tool-result'
      : message.extra?.['role'] === 'system' || message.extra?.['role'] === 'developer'
        ? 'system'
        : message.role
  const parts = mapList(message.parts, (part) => mapPart(part, place, map))
  const extra = mapExtra(message, place, map)
  return parts === message.parts && extra === message.extra
    ? message
    : withExtra({ ...message, parts }, extra)
}

function mapPart(part: Part, place: TextPlace, map: MapText): Part {
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const text = map(part.text, place)
      const extra = part.type === 'text' ? mapExtra(part, place, map) : undefined
      if (text === part.text && (part.type === 'refusal' || extra === part.extra)) return part
      return withExtra({ ...part, text }, extra) as Part
    }
    case 'reasoning': {
      // What is signed comes back as it was signed, or the provider refuses it.
      if (part.signature !== undefined || part.encrypted !== undefined) return part
      const text = map(part.text, place)
      return text === part.text ? part : { ...part, text }
    }
    case 'tool-call': {
      const changed = map(part.arguments, 'arguments')
      return changed === part.arguments ? part : { ...part, arguments: changed }
    }
    case 'tool-result': {
      const parts = mapList(part.parts, (inner) => mapPart(inner, 'tool-result', map))
      return parts === part.parts ? part : { ...part, parts }
    }
    case 'media': {
      const url =
        part.url === undefined || part.url.startsWith('data:') ? part.url : map(part.url, place)
      const filename = part.filename === undefined ? undefined : map(part.filename, place)
      const data = mapData(part, (text) => map(text, place))
      const extra = mapExtra(part, place, map)
      const same = url === part.url && filename === part.filename && data === part.data
      if (same && extra === part.extra) return part
      return {
        ...part,
        ...(extra === undefined ? {} : { extra }),
        ...(url === undefined ? {} : { url }),
        ...(data === undefined ? {} : { data }),
        ...(filename === undefined ? {} : { filename }),
      }
    }
    default: {
      const value = mapStrings(part.value, (text) => map(text, place))
      return value === part.value ? part : { ...part, value }
    }
  }
}

/** A document that is text is looked through; what has to be read by other means is not. */
function mapData(
  { data, mediaType = '' }: { readonly data?: string; readonly mediaType?: string },
  map: (text: string) => string,
): string | undefined {
  if (data === undefined || !/^text\/|[/+](?:json|xml|yaml)$/.test(mediaType)) return data
  const text = Buffer.from(data, 'base64').toString()
  const changed = map(text)
  return changed === text ? data : Buffer.from(changed).toString('base64')
}

function mapOutput(output: OutputFormat | undefined, map: MapText): OutputFormat | undefined {
  if (output?.type !== 'json-schema') return output
  const schema = mapStrings(output.schema, (text) => map(text, 'tool'))
  return schema === output.schema ? output : { ...output, schema }
}

/** Members of the provider's own: their words, but no ids, addresses and keys. */
function mapExtraMembers<Value>(value: Value, map: (text: string) => string): Value {
  const except = (name: string): boolean =>
    notWords.has(name) || (notOurs.test(name) && name !== 'prompt_cache_key')
  return mapDeep(value, map, except) as Value
}

const notOurs =
  /(?:^|_)(?:ids?|key|token|url|uri|headers|authorization|password|secret)$|(?:Id|Key|Url|Uri|Token)$|^cachedContent$/

function mapTool(tool: ToolDefinition, map: MapText): ToolDefinition {
  const description = tool.description === undefined ? undefined : map(tool.description, 'tool')
  const parameters = mapStrings(tool.parameters, (text) => map(text, 'tool'))
  const extra =
    tool.extra === undefined ? undefined : mapExtraMembers(tool.extra, (text) => map(text, 'tool'))
  // Addresses and headers of a tool that the provider runs are for its use; what describes it is for the model.
  const provider = mapDeep(
    tool.provider,
    (text) => map(text, 'tool'),
    (name) => !name.endsWith('description'),
  )
  const same = description === tool.description && parameters === tool.parameters
  if (same && extra === tool.extra && provider === tool.provider) return tool
  return {
    ...tool,
    ...(extra === undefined ? {} : { extra }),
    ...(provider === undefined ? {} : { provider }),
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters }),
  }
}

type Extra = Readonly<Record<string, unknown>> | undefined

function mapExtra(piece: { readonly extra?: Extra }, place: TextPlace, map: MapText): Extra {
  return piece.extra === undefined ? undefined : mapStrings(piece.extra, (text) => map(text, place))
}

function withExtra<Piece extends object>(piece: Piece, extra: Extra): Piece {
  return extra === undefined ? piece : { ...piece, extra }
}

/** Members whose texts are names or data, not words. */
const notWords: ReadonlySet<string> = new Set([
  'type',
  'role',
  'id',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'data',
  'signature',
  'thoughtSignature',
  'encrypted_content',
  'redacted_thinking',
  'file_id',
  'format',
  'required',
  '$ref',
])

/** The value with other texts in it, but for names and data; the very same where none changed. */
export function mapStrings<Value>(value: Value, map: (text: string) => string): Value {
  return mapDeep(value, map, (name) => notWords.has(name)) as Value
}

/** The value with other texts in it, all of them; the very same where none changed. */
export function mapAllStrings(value: unknown, map: (text: string) => string): unknown {
  return mapDeep(value, map, () => false)
}

function mapDeep(
  value: unknown,
  map: (text: string) => string,
  except: (name: string) => boolean,
): unknown {
  if (typeof value === 'string') return map(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return mapList(value, (one: unknown) => mapDeep(one, map, except))
  let changed: Record<string, unknown> | undefined
  for (const [name, member] of Object.entries(value)) {
    if (typeof member !== 'object' && except(name)) continue
    // Under names that the application gave, everything is words.
    const next = mapDeep(member, map, name === 'variables' ? () => false : except)
    if (next !== member) (changed ??= { ...value })[name] = next
  }
  return changed ?? value
}

function mapList<One>(list: readonly One[], map: (one: One) => One): readonly One[] {
  let changed: One[] | undefined
  for (let index = 0; index < list.length; index++) {
    const before = list[index] as One
    const after = map(before)
    if (after !== before) (changed ??= [...list])[index] = after
  }
  return changed ?? list
}
