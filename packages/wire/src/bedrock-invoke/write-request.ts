import { withBedrockPath } from '../endpoints/bedrock-path.ts'
import type { MutableObject } from '../request/members.ts'
import type { RequestChange } from '../request/request-codec.ts'
import { codecOf } from './codecs.ts'

/** Writes what changed as the model's vendor means it. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after } = change
  // Both stand in the address, and must not stand in the body.
  const { model, stream } = after
  codecOf(body).write(body, { ...change, before: { ...before, model, stream } })
}

/** The address of the same method of another model, or of the same model streamed or not. */
export function writeUrl(url: string, { before, after }: RequestChange): string {
  if (before.model === after.model && before.stream === after.stream) return url
  const method = after.stream ? 'invoke-with-response-stream' : 'invoke'
  return withBedrockPath(url, { model: after.model, method })
}
