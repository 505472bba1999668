import type { Adapter } from 'holdfast'
import { patchMessages } from './patch-messages.ts'
import { patchRunner } from './patch-runner.ts'
import { patchSessions } from './patch-sessions.ts'

/** Ties the Anthropic SDK's tool runner to Holdfast. */
export const adapter: Adapter = {
  name: 'anthropic',
  targets: [
    {
      specifier: '@anthropic-ai/sdk/resources/beta/messages',
      file: /\/@anthropic-ai\/sdk\/resources\/beta\/messages\/messages\.(?:mjs|js)$/,
      attach: patchMessages,
    },
    {
      specifier: '@anthropic-ai/sdk/lib/tools/BetaToolRunner',
      file: /\/@anthropic-ai\/sdk\/lib\/tools\/BetaToolRunner\.(?:mjs|js)$/,
      attach: patchRunner,
    },
    {
      specifier: '@anthropic-ai/sdk/lib/tools/SessionToolRunner',
      file: /\/@anthropic-ai\/sdk\/lib\/tools\/SessionToolRunner\.(?:mjs|js)$/,
      attach: patchSessions,
    },
  ],
}
