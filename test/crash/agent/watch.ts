import type { Work } from '../conversation.ts'
import { stepOf } from '../conversation.ts'
import type { TruthFile } from '../truth.ts'
import type { Pass } from './death.ts'

// What ends a stream: OpenAI Chat, OpenAI Responses, Anthropic Messages, Gemini, Bedrock Converse.
const terminal =
  /data: \[DONE\]|"type":"response\.completed"|"type":"message_stop"|"finishReason":"|"metrics":\{/

/** Whether a reply is streamed, by its headers. */
export function isStreamed(contentType: string | null | undefined): boolean {
  return /event-?stream/.test(contentType ?? '')
}

/** A reply on its way to the SDK, told by whoever stands above everything else. */
export interface WatchedReply {
  /** The SDK is about to have these bytes. */
  bytes(bytes: Uint8Array): void
  /** The SDK is about to be told that there are no more. */
  end(): void
}

/** A model request on its way from the SDK, and the reply to it once there is one. */
export type Watch = (bodyText: string) => (reply: { streamed: boolean }) => WatchedReply

/** Writes down which replies an SDK has had completely. */
export function watch({
  work,
  truth,
  pass,
}: {
  readonly work: Work
  readonly truth: TruthFile
  readonly pass: Pass
}): Watch {
  return (bodyText) => {
    const step = stepOf(bodyText, work)
    pass('request')
    return ({ streamed }) => {
      let first = true
      let acknowledged = false
      let tail = ''
      const acknowledge = (): void => {
        if (!acknowledged) truth.write({ at: 'reply', step })
        acknowledged = true
      }
      return {
        bytes(bytes) {
          if (first) pass('first-byte')
          first = false
          if (!streamed) return
          tail = tail.slice(-40) + Buffer.from(bytes).toString('latin1')
          if (!terminal.test(tail)) return
          // An SDK acts on it without waiting for the end of the body.
          acknowledge()
          pass('terminal-event')
        },
        end() {
          acknowledge()
          pass('last-byte')
        },
      }
    }
  }
}
