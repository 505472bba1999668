import type { Adapter } from 'holdfast'
import { identify } from './identify.ts'
import { patchRunner } from './patch-runner.ts'
import { patchTools } from './patch-tools.ts'

/** Ties the OpenAI Agents SDK to Holdfast. */
export const adapter: Adapter = {
  name: 'openai-agents',
  targets: [
    {
      specifier: '@openai/agents-core',
      file: /\/@openai\/agents-core\/dist\/index\.(?:mjs|js)$/,
      attach(exports, host) {
        patchTools(exports, host)
        patchRunner(exports, host)
      },
    },
  ],
  // Made when the SDK's main file is evaluated.
  isLoaded: () => Symbol.for('openai.agents.core.traceProvider') in globalThis,
  identify,
}
