import { watchReply } from '@holdfast/core'
import type { LlmReply } from '@holdfast/core'

/** The same reply; tells the text of its first choice where it is an answer, come to its end, and no call of a tool. */
export function watchAnswer(reply: LlmReply, tell: (text: string) => void): LlmReply {
  let text = ''
  let isAnswer = true
  const over = (): void => {
    if (isAnswer && reply.complete()) tell(text.trim())
  }
  return watchReply(reply, {
    frame({ events }) {
      for (const event of events) {
        if (event.type === 'text-delta' && event.choice === 0) text += event.text
        else if (event.type === 'tool-call-start' || event.type === 'error') isAnswer = false
      }
    },
    end: over,
    // Some read no further than to the provider's last event.
    cancel: over,
  })
}
