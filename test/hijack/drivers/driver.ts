import type { AgentTool } from '../agent-tools.ts'

/** The wires of the protocol. */
export const wires = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const
export type Wire = (typeof wires)[number]

export const driverNames = ['langgraph', 'openai-agents', 'kaibanjs', 'fetch'] as const
export type DriverName = (typeof driverNames)[number]

/** What an agent is given. */
export interface AgentStart {
  readonly wire: Wire
  readonly stream: boolean
  /** Where the provider is, without a path. */
  readonly url: string
  readonly question: string
  readonly tools: readonly AgentTool[]
  /** Runs a tool and returns its result. */
  readonly execute: Execute
}

/** The real tools: outside of Holdfast, they only note down what they were asked to do. */
export type Execute = (tool: string, given: unknown) => Promise<string>

/** An agent written with one framework, as its users write it: works on a question to the end and returns the answer. */
export type Play = (start: AgentStart) => Promise<string>

/** What a framework can speak. */
export interface DriverFacts {
  readonly wires: readonly Wire[]
  /** Why it does not speak the others. */
  readonly unspoken?: string
  /** True where its model writes its calls down as text instead of making them by the provider's own means. */
  readonly callsAsText?: boolean
}

/** The frameworks. */
export const driverFacts: Readonly<Record<DriverName, DriverFacts>> = {
  langgraph: { wires },
  'openai-agents': {
    wires: ['openai-chat', 'openai-responses'],
    unspoken: 'its provider is the openai SDK',
  },
  kaibanjs: {
    wires: ['openai-chat', 'anthropic-messages', 'gemini'],
    unspoken: 'the LangChain that it brings along does not know Responses by this option',
    callsAsText: true,
  },
  fetch: { wires },
}

/** What all agents are told. */
export const instructions = 'You help in the workspace. Use the tools.'

/** More rounds than any job has. */
export const mostRounds = 100
