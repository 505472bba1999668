import type { Move } from './move.ts'
import { wholeMoves } from './move.ts'
import type { Random } from './random.ts'
import type { Route } from './route.ts'

/** Answers the endpoints beside the model calls; no script is asked and no fault strikes here. */
export function sideEndpoint(
  { endpoint, family, model }: Route,
  request: {
    method: string
    path: string
    body: Readonly<Record<string, unknown>>
    bodyText: string
  },
  random: Random,
): readonly Move[] {
  const { body, bodyText } = request
  const count = Math.max(1, Math.ceil(bodyText.length / 4))
  switch (endpoint) {
    case 'count-tokens':
      return family === 'gemini'
        ? json({
            totalTokens: count,
            promptTokensDetails: [{ modality: 'TEXT', tokenCount: count }],
          })
        : json({ input_tokens: count })
    case 'embeddings':
      return json(
        family === 'gemini'
          ? geminiEmbeddings(request.path, body, random)
          : openaiEmbeddings(body, count, random),
      )
    case 'models':
      return json(
        family === 'gemini'
          ? { models: modelIds.map((id) => ({ name: `models/${id}`, displayName: id })) }
          : {
              object: 'list',
              data: modelIds.map((id) => ({ id, object: 'model', created: 0, owned_by: 'lab' })),
              has_more: false,
            },
      )
    default:
      return wholeMoves(
        404,
        { 'content-type': 'application/json; charset=utf-8' },
        `${JSON.stringify(
          {
            error: {
              message: `Invalid URL (${request.method} ${request.path.split('?')[0]})`,
              type: 'invalid_request_error',
              param: null,
              code: model === undefined ? null : 'unknown_method',
            },
          },
          null,
          2,
        )}\n`,
      )
  }
}

const modelIds = ['lab-large', 'lab-small']

function json(data: object): readonly Move[] {
  const headers = { 'content-type': 'application/json; charset=UTF-8' }
  return wholeMoves(200, headers, `${JSON.stringify(data, null, 2)}\n`)
}

function openaiEmbeddings(
  body: Readonly<Record<string, unknown>>,
  tokens: number,
  random: Random,
): object {
  const { input, model } = body
  const size = Number(body['dimensions'] ?? 256)
  const inputs = Array.isArray(input) ? input.length : 1
  const data = Array.from({ length: inputs }, (_, index) => {
    const values = vector(size, random)
    // The openai client asks for base64 unless told otherwise.
    const embedding =
      body['encoding_format'] === 'base64'
        ? Buffer.from(Float32Array.from(values).buffer).toString('base64')
        : values
    return { object: 'embedding', index, embedding }
  })
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } }
}

function geminiEmbeddings(
  path: string,
  body: Readonly<Record<string, unknown>>,
  random: Random,
): object {
  const size = 256
  if (path.includes(':predict')) {
    const instances = Array.isArray(body['instances']) ? body['instances'] : [{}]
    return { predictions: instances.map(() => ({ embeddings: { values: vector(size, random) } })) }
  }
  if (path.includes(':batchEmbedContents')) {
    const requests = Array.isArray(body['requests']) ? body['requests'] : [{}]
    return { embeddings: requests.map(() => ({ values: vector(size, random) })) }
  }
  return { embedding: { values: vector(size, random) } }
}

function vector(size: number, random: Random): number[] {
  const values = Array.from({ length: size }, () => random.next() * 2 - 1)
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}
