import type { Fault, Step, StepToolCall, StepUsage } from '@holdfast/lab'

/** Something that goes wrong with one request. */
export interface Mishap {
  readonly fault: Fault
  /** How the table tells it. */
  readonly shown: string
}

/** One thing that the agent asks its model. */
export interface Turn {
  /** What a good answer is, as the table tells it. */
  readonly shown: string
  readonly says: Step & { readonly usage: StepUsage }
  /** What the first requests of this turn meet, in order; the next one gets the answer. */
  readonly mishaps: readonly Mishap[]
}

/** What one agent goes through. */
export interface BadDay {
  /** The agent's file in agents/, and its name. */
  readonly agent: 'langgraph' | 'openai-agents' | 'kaiban'
  readonly title: string
  readonly model: string
  readonly provider: 'anthropic' | 'openai'
  readonly turns: readonly Turn[]
  /** What an answer must contain to be one: facts that only the tool knows. */
  readonly facts: readonly RegExp[]
}

const rateLimited: Mishap = {
  fault: { name: 'rate-limited', retryAfterMs: 1000 },
  shown: '429, Retry-After: 1',
}
const stalled: Mishap = {
  fault: { name: 'stall-before-content', everyMs: 500 },
  shown: '200, then keep-alives only',
}
const cut: Mishap = {
  fault: { name: 'cut-before-content' },
  shown: '200, stream cut, no end',
}
const dead: Mishap = {
  fault: { name: 'provider-down', downMs: 3_600_000 },
  shown: 'connection reset',
}

/** The day of each agent. Without help every one of them gets over its first mishap and falls over the second. */
export const badDays: readonly BadDay[] = [
  {
    agent: 'langgraph',
    title: 'LangGraph.js: an order desk on Claude, streamed',
    model: 'claude-haiku-4-5',
    provider: 'anthropic',
    turns: [
      {
        shown: 'calls track_order',
        mishaps: [{ fault: { name: 'overloaded' }, shown: '529 overloaded' }],
        says: {
          text: 'Let me look that up.',
          ...calls('track_order', { orderId: 'A-1042' }),
          usage: { inputTokens: 612, outputTokens: 71 },
        },
      },
      {
        shown: 'the answer',
        mishaps: [cut],
        says: {
          text: ' Your order A-1042 left Rotterdam on Monday and arrives in Vienna on Thursday by 14:00.',
          usage: { inputTokens: 724, outputTokens: 29 },
        },
      },
    ],
    facts: [/Thursday/, /14:00/],
  },
  {
    agent: 'openai-agents',
    title: 'OpenAI Agents SDK: a bookkeeper on GPT, streamed',
    model: 'gpt-4.1-mini',
    provider: 'openai',
    turns: [
      {
        shown: 'calls exchange_rate',
        mishaps: [rateLimited],
        says: {
          ...calls('exchange_rate', { from: 'EUR', to: 'USD' }),
          usage: { inputTokens: 188, outputTokens: 24 },
        },
      },
      {
        shown: 'the answer',
        mishaps: [stalled],
        says: {
          text: "At today's rate of 1.1425, invoice 7731 over 8,400 EUR comes to 9,597 USD.",
          usage: { inputTokens: 231, outputTokens: 27 },
        },
      },
    ],
    facts: [/9[,.]?597/],
  },
  {
    agent: 'kaiban',
    title: 'KaibanJS: an analyst and a writer on GPT',
    model: 'gpt-4.1-mini',
    provider: 'openai',
    turns: [
      {
        shown: 'calls read_metrics',
        mishaps: [{ fault: { name: 'overloaded' }, shown: '503 overloaded' }],
        says: {
          text: JSON.stringify({
            thought: 'I need the error rates of checkout.',
            action: 'read_metrics',
            actionInput: { service: 'checkout' },
          }),
          usage: { inputTokens: 731, outputTokens: 46 },
        },
      },
      {
        shown: 'the finding',
        mishaps: [],
        says: {
          text: JSON.stringify({
            thought: 'The numbers are clear.',
            finalAnswer: 'checkout failed from 09:40 to 10:25; 17 % of requests, otherwise 0.2 %.',
          }),
          usage: { inputTokens: 842, outputTokens: 52 },
        },
      },
      {
        shown: 'the note',
        mishaps: [dead],
        says: {
          text: JSON.stringify({
            thought: 'Two plain sentences.',
            finalAnswer:
              'Between 09:40 and 10:25 about one checkout in six failed. Everything has worked as usual since.',
          }),
          usage: { inputTokens: 655, outputTokens: 49 },
        },
      },
    ],
    facts: [/09:40/, /10:25/],
  },
]

function calls(name: string, args: StepToolCall['arguments']): Pick<Step, 'toolCalls'> {
  return { toolCalls: [{ name, arguments: args }] }
}
