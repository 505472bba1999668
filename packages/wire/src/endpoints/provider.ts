import { hostOf } from '@holdfast/core'

// The words are OpenTelemetry's (https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/, 2026-11-21);
// providers it has no word for go by the name they are known by.
const providerByHost = new Map<string, string>([
  ['api.openai.com', 'openai'],
  ['chatgpt.com', 'openai'],
  ['api.anthropic.com', 'anthropic'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['models.inference.ai.azure.com', 'azure.ai.inference'],
  ['models.github.ai', 'azure.ai.inference'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral_ai'],
  ['codestral.mistral.ai', 'mistral_ai'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'x_ai'],
  ['api.perplexity.ai', 'perplexity'],
  ['api.cohere.com', 'cohere'],
  ['api.cohere.ai', 'cohere'],
  ['api.moonshot.ai', 'moonshot_ai'],
  ['api.moonshot.cn', 'moonshot_ai'],
  ['openrouter.ai', 'openrouter'],
  ['api.together.xyz', 'together_ai'],
  ['api.together.ai', 'together_ai'],
  ['api.fireworks.ai', 'fireworks_ai'],
  ['api.cerebras.ai', 'cerebras'],
  ['integrate.api.nvidia.com', 'nvidia'],
  ['api.githubcopilot.com', 'github_copilot'],
  ['router.huggingface.co', 'hugging_face'],
  ['api.z.ai', 'z_ai'],
  ['dashscope.aliyuncs.com', 'alibaba_cloud'],
  ['dashscope-intl.aliyuncs.com', 'alibaba_cloud'],
  ['ollama.com', 'ollama'],
])

// A name under one of these belongs to the provider; the dot keeps `evil-openai.azure.com` out.
const providerByDomain: readonly (readonly [string, string])[] = [
  ['.openai.azure.com', 'azure.ai.openai'],
  ['.cognitiveservices.azure.com', 'azure.ai.openai'],
  ['.services.ai.azure.com', 'azure.ai.inference'],
  ['.inference.ai.azure.com', 'azure.ai.inference'],
  ['.api.openai.com', 'openai'],
  ['.api.mistral.ai', 'mistral_ai'],
  ['.amazonaws.com', 'aws.bedrock'],
  ['.amazonaws.com.cn', 'aws.bedrock'],
  ['.api.aws', 'aws.bedrock'],
  ['.ml.cloud.ibm.com', 'ibm.watsonx.ai'],
]

/** The provider behind an address, or undefined where nobody knows the host. */
export function knownProvider(url: string): string | undefined {
  const host = hostName(url)
  const exact = providerByHost.get(host)
  if (exact !== undefined) return exact
  if (host.endsWith('-aiplatform.googleapis.com')) return 'gcp.vertex_ai'
  for (const [domain, provider] of providerByDomain) {
    if (!host.endsWith(domain)) continue
    // Of AWS only the hosts of Bedrock, also those of a private network's endpoints.
    if (provider === 'aws.bedrock' && !/(^|\.)bedrock/.test(host)) continue
    return provider
  }
  return undefined
}

/** `gen_ai.provider.name` for an address: the provider's name, else the host itself. */
export function providerOf(url: string): string {
  return knownProvider(url) ?? hostOf(url)
}

function hostName(url: string): string {
  const authority = hostOf(url)
  const end = authority.lastIndexOf(':')
  const host = end < 0 || authority.endsWith(']') ? authority : authority.slice(0, end)
  return host.toLowerCase()
}
