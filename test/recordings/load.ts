import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** One recorded HTTP exchange. */
export interface Exchange {
  /** `openai.chat/openai--….json` */
  readonly file: string
  readonly api: string
  /** Name of the wire format. */
  readonly wire: string
  readonly streaming: boolean
  readonly request:
    | { readonly method: string; readonly url: string; readonly body: string | undefined }
    | undefined
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The recorded content-length agrees with the stored bytes. */
  readonly lengthVerified: boolean
}

/** Which wire format the folders of the recordings are in. */
export const wireOfApi: Readonly<Record<string, string>> = {
  'openai.chat': 'openai-chat',
  'openai.responses': 'openai-responses',
  'anthropic.messages': 'anthropic-messages',
  'gemini.generateContent': 'gemini',
  'gemini.streamGenerateContent': 'gemini',
  'bedrock.converse': 'bedrock-converse',
  'bedrock.converseStream': 'bedrock-converse',
  'bedrock.invoke': 'bedrock-invoke',
  'bedrock.invokeStream': 'bedrock-invoke',
  'cohere.chat': 'cohere-chat',
  'ollama.chat': 'ollama-chat',
  'ollama.generate': 'ollama-chat',
  'openai.completions': 'openai-completions',
  'mistral.fim': 'openai-completions',
}

/** The folder of the recordings, or undefined where there is none. */
export function recordingsFolder(): string | undefined {
  const root = resolve(import.meta.dirname, '../..')
  const folder = process.env['HOLDFAST_RECORDINGS'] ?? join(root, '../shared/recordings')
  return existsSync(join(folder, 'INDEX.json')) ? folder : undefined
}

/** Every recorded exchange of the formats that are known, in the order of their names. */
export function loadExchanges(folder: string): Exchange[] {
  return Object.entries(wireOfApi).flatMap(([api, wire]) =>
    readdirSync(join(folder, api))
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => load(folder, api, wire, name))
      .filter((exchange) => !isMadeUp(exchange) && !isRanking(exchange)),
  )
}

/** Bedrock's streams that the recorder has written anew, as lines that Bedrock does not send. */
function isMadeUp({ api, headers }: Exchange): boolean {
  return api === 'bedrock.converseStream' && headers['content-type'] === 'application/x-ndjson'
}

/** InvokeModel's bodies are those of the model's vendor. */
function isAnthropics(request: Stored['request']): boolean {
  return /"anthropic_version":\s?"bedrock/.test(request?.body ?? '')
}

/** A ranking is no answer of a model that writes. */
function isRanking({ request }: Exchange): boolean {
  return request !== undefined && /\/model\/[^/]*rerank/.test(request.url)
}

interface Stored {
  readonly streaming: boolean
  readonly length_verified?: readonly string[]
  readonly request: {
    readonly method: string
    readonly url: string
    readonly body?: string | null
  } | null
  readonly response: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string | null
    /** The body is base64. */
    readonly body_base64?: boolean
  }
}

function load(folder: string, api: string, wire: string, name: string): Exchange {
  const stored = JSON.parse(readFileSync(join(folder, api, name), 'utf8')) as Stored
  const { request, response } = stored
  return {
    file: `${api}/${name}`,
    api,
    wire: isAnthropics(request) ? 'bedrock-anthropic' : wire,
    streaming: stored.streaming,
    request: request
      ? { method: request.method, url: request.url, body: request.body ?? undefined }
      : undefined,
    status: response.status,
    headers: response.headers,
    body: Buffer.from(response.body ?? '', response.body_base64 ? 'base64' : 'utf8'),
    lengthVerified: stored.length_verified?.includes('response') ?? false,
  }
}
