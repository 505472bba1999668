import { writeRequest as writeMessages } from '../anthropic-messages/write-request.ts'
import type { MutableObject } from '../request/members.ts'
import type { RequestChange } from '../request/request-codec.ts'

/** Writes what changed; the model stands in the address, and whether it streams in both. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  if (change.operation !== 'chat') {
    writeMessages(body, change)
    return
  }
  const { before, after } = change
  writeMessages(body, { ...change, before: { ...before, model: after.model } })
}

/** The address of the same method of another model, or of the same model streamed or not. */
export function writeUrl(url: string, { before, after, operation }: RequestChange): string {
  if (operation !== 'chat') return url
  if (before.model === after.model && before.stream === after.stream) return url
  const method = after.stream ? 'streamRawPredict' : 'rawPredict'
  const name = encodeURIComponent(after.model).replaceAll('%40', '@')
  return url.replace(/\/models\/[^/?#]*?:\w+(?=\/?(?:[?#]|$))/, () => `/models/${name}:${method}`)
}
