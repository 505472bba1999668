import type { Adapter } from 'holdfast'
import { knowCommands, knowMessages } from './commands.ts'
import { identify } from './identify.ts'
import { patchGoogleStreams } from './patch-google-streams.ts'
import { patchGraph } from './patch-graph.ts'
import { patchRetries } from './patch-retries.ts'
import { patchRunnableTools, patchTools } from './patch-tools.ts'
import { knowToolMessages } from './tool-results.ts'

/** Ties LangChain and LangGraph to Holdfast. */
export const adapter: Adapter = {
  name: 'langgraph',
  targets: [
    {
      specifier: '@langchain/core/tools',
      file: /\/@langchain\/core\/dist\/tools\/index\.(?:js|cjs)$/,
      attach: patchTools,
    },
    {
      specifier: '@langchain/core/messages/tool',
      file: /\/@langchain\/core\/dist\/messages\/tool\.(?:js|cjs)$/,
      attach: knowToolMessages,
    },
    {
      specifier: '@langchain/core/messages',
      file: /\/@langchain\/core\/dist\/messages\/utils\.(?:js|cjs)$/,
      attach: knowMessages,
    },
    {
      specifier: '@langchain/core/runnables',
      file: /\/@langchain\/core\/dist\/runnables\/base\.(?:js|cjs)$/,
      attach: patchRunnableTools,
    },
    {
      specifier: '@langchain/core/utils/async_caller',
      file: /\/@langchain\/core\/dist\/utils\/async_caller\.(?:js|cjs)$/,
      attach: patchRetries,
    },
    {
      specifier: '@google/generative-ai',
      file: /\/@google\/generative-ai\/dist\/index\.(?:mjs|js)$/,
      attach: patchGoogleStreams,
    },
    {
      specifier: '@langchain/langgraph/pregel',
      file: /\/@langchain\/langgraph\/dist\/pregel\/index\.(?:js|cjs)$/,
      attach: patchGraph,
    },
    {
      specifier: '@langchain/langgraph',
      file: /\/@langchain\/langgraph\/dist\/constants\.(?:js|cjs)$/,
      attach: knowCommands,
    },
  ],
  // Set when @langchain/core's messages are evaluated, on which all of it rests.
  isLoaded: () => 'lc_block_translators_registry' in globalThis,
  identify,
}
