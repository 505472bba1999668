// What clients say of themselves was read from their requests, from inside of bundles: @langchain/openai 1.5, @openai/agents
// 0.20, kaibanjs 0.23, ai 6.0 and 7.0, @google/adk 2.0, openai 7.55, @anthropic-ai/sdk 1.11, client-bedrock-runtime 3.1162
// (2026-11-22).
// Mastra, LlamaIndex and @google/genai's function calling say nothing of their own.
// @voltagent/core 2.0 and 2.10 set a global as the first agent is made or works, not as they are loaded. Of MCP clients,
// 1.23 to 1.32 and 2.0 to 2.4, one function hears what a server says that they launch (2026-11-22).

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
    trace: { header: 'user-agent', says: /^langchainjs-/ },
  },
  {
    adapter: '@holdfast/openai-agents',
    packages: ['@openai/agents', '@openai/agents-core'],
    trace: { header: 'user-agent', says: /^Agents\/JavaScript / },
    line: 'execute: tool({ name }, execute)',
  },
  {
    adapter: '@holdfast/crew',
    packages: ['kaibanjs'],
    // How its agents are told to answer. Its clients say nothing of their own, and no tool call of theirs is one on the wire.
    trace: { body: 'Thought + (Action or Self Question)' },
  },
  {
    adapter: '@holdfast/ai-sdk',
    packages: ['ai', '@voltagent/core'],
    global: 'AI_SDK_TELEMETRY_INTEGRATIONS',
    trace: { header: 'user-agent', says: /(?:^| )ai\/\d/ },
    above: {
      package: '@voltagent/core',
      global: '___voltagent_agent_registry',
      line: 'run({ agent, session, user }, work) around the calls of its agents',
    },
  },
  { adapter: '@holdfast/mastra', packages: ['@mastra/core'] },
  {
    adapter: '@holdfast/google-adk',
    packages: ['@google/adk'],
    trace: { header: 'user-agent', says: /\bgoogle-adk\// },
    line: 'execute: tool({ name }, execute)',
  },
  { adapter: '@holdfast/genai', packages: ['@google/genai'] },
  { adapter: '@holdfast/llamaindex', packages: ['llamaindex', '@llamaindex/workflow'] },
  {
    adapter: '@holdfast/openai',
    packages: ['openai'],
    trace: { header: 'x-stainless-helper-method', says: /^runTools$/ },
    line: 'function: tool({ name }, execute)',
  },
  {
    adapter: '@holdfast/mcp',
    packages: ['@modelcontextprotocol/sdk', '@modelcontextprotocol/client'],
    launches: /\._readBuffer\.append\b[^]*\.processReadBuffer\b/,
    external: '@modelcontextprotocol/sdk (in its second version /client)',
    line: 'wrapTools(tools), which has its tools, but not the launch of its servers',
  },
  {
    adapter: '@holdfast/bedrock',
    packages: ['@aws-sdk/client-bedrock-runtime', '@smithy/node-http-handler'],
    trace: { header: 'user-agent', says: /\bapi\/bedrock-runtime\b/ },
    line: 'maxAttempts: 1 for its client, which else tries again by itself',
  },
  {
    adapter: '@holdfast/anthropic',
    packages: ['@anthropic-ai/sdk'],
    trace: { header: 'x-stainless-helper', says: /\bBetaToolRunner\b/ },
  },
  { adapter: '@holdfast/openclaw', packages: ['openclaw'] },
]

export interface KnownAdapter {
  /** Package whose export `adapter` is the Adapter. */
  readonly adapter: string
  /** The framework's packages, as they stand in node_modules; among them what applications list in their dependencies. */
  readonly packages: readonly string[]
  /** A global that the framework reads as it starts to work, also from inside of a bundle. */
  readonly global?: string
  /** What it says of itself in a request to a model, also from inside of a bundle. */
  readonly trace?:
    | { readonly header: string; readonly says: RegExp }
    /** Without characters that JSON would escape. */
    | { readonly body: string }
  /** How the function reads that hears a process which it launches, also inside of a bundle. */
  readonly launches?: RegExp
  /** What is to be left out of a bundle. @default the first package */
  readonly external?: string
  /** What does instead of attaching. @default 'wrapTools(tools)' */
  readonly line?: string
  /** One of the packages that is a framework by itself, above the other, and sets a global when it is used. */
  readonly above?: { readonly package: string; readonly global: string; readonly line: string }
}
