/** The lab as a provider in OpenClaw's configuration; its model is lab/gpt-lab. */
export function labProvider(baseUrl: string): object {
  const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
  const model = { id: 'gpt-lab', name: 'gpt-lab', contextWindow: 128_000, maxTokens: 4_096 }
  return {
    baseUrl,
    api: 'openai-completions',
    apiKey: 'sk-lab',
    models: [{ ...model, input: ['text'], reasoning: false, cost }],
  }
}
