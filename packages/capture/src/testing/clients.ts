import http from 'node:http'
import { request as undiciRequest } from 'undici8'

/** What came back. */
export interface Answer {
  readonly status: number
  readonly header: (name: string) => string | null
  readonly text: string
}

/** One way to send a request, on one layer. */
export type Send = (
  url: string,
  options?: {
    method?: string
    body?: string
    headers?: Record<string, string>
    signal?: AbortSignal
  },
) => Promise<Answer>

/** The same call through each layer that catches. */
export const clients: readonly (readonly [layer: 'fetch' | 'undici' | 'http', send: Send])[] = [
  [
    'fetch',
    async (url, options = {}) => {
      const response = await fetch(url, options)
      const text = await response.text()
      return { status: response.status, header: (name) => response.headers.get(name), text }
    },
  ],
  [
    'undici',
    async (url, options = {}) => {
      const { statusCode, headers, body } = await undiciRequest(url, options as object)
      const header = (name: string): string | null => (headers[name] as string | undefined) ?? null
      return { status: statusCode, header, text: await body.text() }
    },
  ],
  [
    'http',
    (url, { body, ...options } = {}) =>
      new Promise((resolve, reject) => {
        const request = http.request(url, options, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              header: (name) => (response.headers[name] as string | undefined) ?? null,
              text: Buffer.concat(chunks).toString(),
            }),
          )
        })
        request.on('error', reject)
        request.end(body)
      }),
  ],
]
