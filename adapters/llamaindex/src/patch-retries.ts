import type { AdapterHost } from 'holdfast'

interface RequestOptions {
  readonly path?: unknown
  readonly maxRetries?: number
}

type MakeRequest = (
  this: object,
  options: RequestOptions | Promise<RequestOptions>,
  ...rest: unknown[]
) => Promise<unknown>

/**
 * LlamaIndex has the OpenAI client try a model call up to eleven times; while Holdfast retries, it tries once. The
 * client's other requests (files, batches) keep their retries, which nobody else makes.
 */
export function patchRetries(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  host.patch<MakeRequest>(
    host.prototypeOf(exports, 'OpenAI'),
    'makeRequest',
    (original) =>
      async function makeRequest(given, ...rest) {
        const options = await given
        return original.call(
          this,
          host.reliability && modelCalls.has(options.path)
            ? { ...options, maxRetries: 0 }
            : options,
          ...rest,
        )
      },
  )
}

const modelCalls = new Set<unknown>(['/chat/completions', '/responses', '/embeddings'])
