/** The agents that are killed, by the name of what they are written with. */
export const agentNames = [
  'openai',
  'anthropic',
  'langgraph',
  'openai-agents',
  'kaiban',
  'ai-sdk',
  'voltagent',
  'mastra',
  'openai-runner',
  'anthropic-runner',
  'genai',
  'google-adk',
  'bedrock',
  'llamaindex',
  'mcp',
  'openclaw',
] as const
export type AgentName = (typeof agentNames)[number]

/** Who brings a killed agent back: our journal, the framework's own checkpointer, or nobody. */
export type Keeper = 'journal' | 'peer' | 'bare'

/** One combination that agents are killed in. */
export interface Cell {
  readonly agent: AgentName
  readonly reply: 'whole' | 'stream'
  readonly tools: 'one' | 'three'
  readonly store: 'sqlite' | 'redis'
}

/** What is wanted of the cells; an empty list is all of them. */
export type Part = { readonly [Key in keyof Cell]?: readonly Cell[Key][] }

/** What a cell can be, in the order of the table. */
export const dimensions: { readonly [Key in keyof Cell]: readonly Cell[Key][] } = {
  agent: agentNames,
  reply: ['whole', 'stream'],
  tools: ['one', 'three'],
  store: ['sqlite', 'redis'],
}

/** What an agent cannot do: it asks for every reply as a stream. */
const lacks: { readonly [Name in AgentName]?: { readonly reply: Cell['reply'] } } = {
  llamaindex: { reply: 'whole' },
  openclaw: { reply: 'whole' },
}

/** The cells of a part of the table. */
export function cells(part: Part = {}): Cell[] {
  const wanted = <Key extends keyof Cell>(key: Key): readonly Cell[Key][] => {
    const only: readonly Cell[Key][] = part[key] ?? []
    return only.length === 0 ? dimensions[key] : only
  }
  return wanted('agent').flatMap((agent) =>
    wanted('reply')
      .filter((reply) => lacks[agent]?.reply !== reply)
      .flatMap((reply) =>
        wanted('tools').flatMap((tools) =>
          wanted('store').map((store): Cell => ({ agent, reply, tools, store })),
        ),
      ),
  )
}

/** How a cell is called on the command line and in what is printed. */
export function cellName({ agent, reply, tools, store }: Cell): string {
  return `${agent},${reply},${tools},${store}`
}
