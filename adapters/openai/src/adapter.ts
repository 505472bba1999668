import type { Adapter } from 'holdfast'
import { patchRunTools } from './patch-run-tools.ts'

/** Ties the OpenAI SDK's tool runner to Holdfast. */
export const adapter: Adapter = {
  name: 'openai',
  targets: [
    {
      specifier: 'openai/resources/chat/completions',
      file: /\/openai\/resources\/chat\/completions\/completions\.(?:mjs|js)$/,
      attach: patchRunTools,
    },
  ],
}
