import type { AdapterHost } from 'holdfast'

interface StreamResult {
  readonly response: Promise<unknown>
}

type Generate = (this: object, ...args: unknown[]) => Promise<StreamResult>

/**
 * Below LangChain's Gemini model, @google/generative-ai 0.24.1 reads each stream twice, and LangChain uses one of the
 * two. When a stream breaks, the other is a rejection that nobody handles, and it ends the process.
 */
export function patchGoogleStreams(
  exports: Readonly<Record<string, unknown>>,
  host: AdapterHost,
): void {
  host.patch<Generate>(
    host.prototypeOf(exports, 'GenerativeModel'),
    'generateContentStream',
    (original) =>
      async function generateContentStream(...args) {
        const result = await original.apply(this, args)
        result.response.catch(() => {})
        return result
      },
  )
}
