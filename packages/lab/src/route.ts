import type { WireName } from './request.ts'
import type { Framing } from './wires/wire.ts'

/** What a path asks for. */
export interface Route {
  readonly wire: WireName
  /** Whose errors and shapes apply, also for the endpoints beside the wires. */
  readonly family: Exclude<WireName, 'other'>
  /** What the endpoint is; `model-call` is what scripts answer. */
  readonly endpoint: 'model-call' | 'embeddings' | 'models' | 'count-tokens' | 'unknown'
  /** The model in the path, where the wire puts it there. */
  readonly model: string | undefined
  /** True or false where the path says so; undefined where the body's `stream` says it. */
  readonly streaming: boolean | undefined
  readonly framing: Framing
}

/** Finds out by method and path alone which wire a request speaks; any prefix before it is fine. */
export function route(method: string, pathAndQuery: string): Route {
  const { pathname, searchParams } = new URL(pathAndQuery, 'http://lab')
  const path = pathname.replace(/\/+$/, '')
  const base = { model: undefined, streaming: undefined, framing: 'sse' } as const

  const google = /\/models\/([^/:]+):(\w+)$/.exec(path)
  if (google) {
    const [, model, verb] = google
    const of = { ...base, family: 'gemini', model: decodeURIComponent(model ?? '') } as const
    switch (verb) {
      case 'generateContent':
        return { ...of, wire: 'gemini', endpoint: 'model-call', streaming: false }
      case 'streamGenerateContent': {
        const framing = searchParams.get('alt') === 'sse' ? 'sse' : 'json-array'
        return { ...of, wire: 'gemini', endpoint: 'model-call', streaming: true, framing }
      }
      case 'countTokens':
        return { ...of, wire: 'other', endpoint: 'count-tokens' }
      case 'embedContent':
      case 'batchEmbedContents':
      case 'predict':
        return { ...of, wire: 'other', endpoint: 'embeddings' }
      case 'rawPredict':
      case 'streamRawPredict':
        // Claude on Vertex: Anthropic's body behind Google's path.
        return {
          ...of,
          wire: 'anthropic-messages',
          family: 'anthropic-messages',
          endpoint: 'model-call',
          streaming: verb === 'streamRawPredict',
        }
      default:
        return { ...of, wire: 'other', endpoint: 'unknown' }
    }
  }

  const amazon =
    /\/model\/([^/]+)\/(converse|converse-stream|invoke|invoke-with-response-stream)$/.exec(path)
  if (amazon && method === 'POST') {
    const [, model = '', verb = ''] = amazon
    const wire = verb.startsWith('converse') ? 'bedrock-converse' : 'bedrock-anthropic'
    return {
      wire,
      family: wire,
      endpoint: 'model-call',
      model: decodeURIComponent(model),
      streaming: verb.endsWith('-stream'),
      framing: 'aws',
    }
  }

  if (method === 'POST') {
    if (path.endsWith('/v2/chat')) {
      return { ...base, wire: 'cohere-chat', family: 'cohere-chat', endpoint: 'model-call' }
    }
    if (path.endsWith('/api/chat') || path.endsWith('/api/generate')) {
      const wire = 'ollama-chat'
      return { ...base, wire, family: wire, endpoint: 'model-call', framing: 'lines' }
    }
    if (path.endsWith('/chat/completions')) {
      return { ...base, wire: 'openai-chat', family: 'openai-chat', endpoint: 'model-call' }
    }
    if (path.endsWith('/responses')) {
      return {
        ...base,
        wire: 'openai-responses',
        family: 'openai-responses',
        endpoint: 'model-call',
      }
    }
    if (path.endsWith('/messages')) {
      const family = 'anthropic-messages'
      return { ...base, wire: family, family, endpoint: 'model-call' }
    }
    if (path.endsWith('/messages/count_tokens')) {
      return { ...base, wire: 'other', family: 'anthropic-messages', endpoint: 'count-tokens' }
    }
    if (path.endsWith('/embeddings')) {
      return { ...base, wire: 'other', family: 'openai-chat', endpoint: 'embeddings' }
    }
  }
  if (method === 'GET' && path.endsWith('/models')) {
    const family = path.includes('/v1beta') ? 'gemini' : 'openai-chat'
    return { ...base, wire: 'other', family, endpoint: 'models' }
  }
  return { ...base, wire: 'other', family: 'openai-chat', endpoint: 'unknown' }
}
