import type { AdapterHost } from 'holdfast'
import { holdCall } from './held-call.ts'
import { isNoPlainAnswer, sendAsBefore, sendPlainly } from './patch-handler.ts'
import { tryOnce } from './try-once.ts'
import type { RetryConfig } from './try-once.ts'

interface Client {
  readonly config: RetryConfig & { readonly requestHandler: object }
}

type Send = (this: Client, command: object, ...rest: unknown[]) => unknown

/** Every model call is a command that a client sends; from the first one on it sends them where they are caught. */
export function patchClient(exports: Readonly<Record<string, unknown>>, host: AdapterHost): void {
  const known = new WeakSet<Client>()
  host.patch<Send>(
    host.prototypeOf(exports, 'BedrockRuntimeClient'),
    'send',
    (original) =>
      function send(command, ...rest) {
        // By name: the command may come from another copy of the SDK.
        if (!modelCalls.has(command.constructor.name)) {
          return original.call(this, command, ...rest)
        }
        if (!known.has(this)) {
          sendPlainly(this.config.requestHandler)
          if (host.reliability) tryOnce(this.config)
          known.add(this)
        }
        const answer = holdCall(() => original.call(this, command, ...rest))
        if (!(answer instanceof Promise)) return answer
        return answer.catch((error: unknown) => {
          if (!isNoPlainAnswer(error) || !sendAsBefore(this.config.requestHandler)) throw error
          // No model has had it: the other side speaks HTTP/2 alone.
          return original.call(this, command, ...rest)
        })
      },
  )
}

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html (2026-11-21)
const modelCalls: ReadonlySet<string> = new Set([
  'ConverseCommand',
  'ConverseStreamCommand',
  'InvokeModelCommand',
  'InvokeModelWithResponseStreamCommand',
])
