/** The adapters that come with holdfast, each loaded when a package of its framework is. */
export const knownAdapters: readonly KnownAdapter[] = [
  {
    adapter: '@holdfast/langgraph',
    packages: [
      '@langchain/core',
      '@langchain/langgraph',
      '@langchain/openai',
      'langchain',
      '@google/generative-ai',
    ],
  },
  { adapter: '@holdfast/openai-agents', packages: ['@openai/agents', '@openai/agents-core'] },
  { adapter: '@holdfast/crew', packages: ['kaibanjs'] },
  {
    adapter: '@holdfast/ai-sdk',
    packages: ['ai', '@voltagent/core'],
    global: 'AI_SDK_TELEMETRY_INTEGRATIONS',
  },
  { adapter: '@holdfast/mastra', packages: ['@mastra/core'] },
  { adapter: '@holdfast/google-adk', packages: ['@google/adk'] },
  { adapter: '@holdfast/genai', packages: ['@google/genai'] },
  { adapter: '@holdfast/llamaindex', packages: ['llamaindex', '@llamaindex/workflow'] },
  { adapter: '@holdfast/openai', packages: ['openai'] },
  {
    adapter: '@holdfast/mcp',
    packages: ['@modelcontextprotocol/sdk', '@modelcontextprotocol/client'],
  },
  {
    adapter: '@holdfast/bedrock',
    packages: ['@aws-sdk/client-bedrock-runtime', '@smithy/node-http-handler'],
  },
  { adapter: '@holdfast/anthropic', packages: ['@anthropic-ai/sdk'] },
  { adapter: '@holdfast/openclaw', packages: ['openclaw'] },
]

export interface KnownAdapter {
  /** Package whose export `adapter` is the Adapter. */
  readonly adapter: string
  /** The framework's packages, as they stand in node_modules; among them what applications list in their dependencies. */
  readonly packages: readonly string[]
  /** A global that the framework reads as it starts to work, also from inside of a bundle. */
  readonly global?: string
}
