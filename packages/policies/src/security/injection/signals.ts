/** Something in a text that speaks to the model instead of informing it. */
export interface Signal {
  readonly name: string
  readonly pattern: RegExp
  /** What it counts in what a tool returned, where nobody should give orders. */
  readonly inResults: number
  /** What it counts in what a person wrote, who may. */
  readonly inUserText: number
  /** A text without any of these does not match, unless it has other letters than ASCII. */
  readonly words: readonly string[]
}

const signal = (
  name: string,
  inResults: number,
  inUserText: number,
  /** With underscores for blanks. */
  words: string,
  pattern: RegExp,
): Signal => ({
  name,
  inResults,
  inUserText,
  words: words.split(' ').map((word) => word.replaceAll('_', ' ')),
  pattern,
})

const model =
  '(?:ai|a\\.i\\.|assistant|model|agent|llm|chat ?bot|bot|gpt|chatgpt|claude|gemini|copilot|language model|virtual assistant)'
const rules =
  '(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|commands?|constraints?|polic(?:y|ies)|programming|training|safeguards?|restrictions?|orders|context|conversation|messages?|everything)'

/** Every gap is bounded, so that no text makes a pattern slow. Texts are in lower case and one line. */
export const signals: readonly Signal[] = [
  signal(
    'override',
    6,
    6,
    'ignore disregard forget override overrule bypass discard drop neglect skip follow',
    new RegExp(
      `\\b(?:ignore|disregard|forget|override|overrule|bypass|discard|drop|neglect|skip|do not follow|don't follow|stop following)\\b[^.!?\\n]{0,30}\\b(?:previous|prior|above|preceding|earlier|former|foregoing|all|any|your|these|those|system|original|initial|other|my last)\\b[^.!?\\n]{0,30}\\b${rules}\\b`,
    ),
  ),
  signal(
    'override',
    6,
    6,
    'ignor vergiss missachte olvida omite oublie',
    /\b(?:ignoriere?n?|vergiss|missachte)\b.{0,30}\b(?:anweisung|vorherig|bisherig|regel)|\b(?:ignora|olvida|omite)\b.{0,30}\b(?:instruccion|anterior|reglas)|\b(?:ignore[zr]?|oublie[zr]?)\b.{0,30}\b(?:instructions? pr[ée]c[ée]dentes|consignes)|忽略.{0,10}(?:指令|指示|说明)|игнорируй.{0,20}инструкц|以前の指示を無視|이전.{0,8}지시.{0,8}무시/,
  ),
  signal(
    'new-orders',
    5,
    2,
    'instruction task objective orders directive mission goal prompt policy role purpose',
    new RegExp(
      `\\b(?:new|updated|revised|real|actual|true|urgent|additional|hidden|secret|special)\\s{1,3}(?:system\\s{1,3})?(?:instructions?|task|objective|orders|directive|mission|goal|prompt)\\b\\s{0,3}[:-]|\\bnew policy\\b[^\\n]{0,12}\\byou (?:must|should|will|shall|are)\\b|\\byour (?:new|real|actual|true|only) (?:task|goal|objective|mission|instructions?|role|purpose)\\b`,
    ),
  ),
  signal(
    'turn-marker',
    5,
    4,
    '< [ "role ###',
    /<\/?(?:tool_result|tool_response|function_results?|system|assistant|user|human|instructions?|im_start|im_end|s|context|document|untrusted)>|<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|?>|\[\/?(?:inst|sys|system)\]|<<\/?sys>>|"role"\s{0,3}:\s{0,3}"(?:system|assistant|developer|user)"|###\s{0,2}(?:system|instruction|human|assistant|user)\b/,
  ),
  signal(
    'turn-marker',
    4,
    2,
    'system assistant developer human user',
    /(?:^|\n)\s{0,4}(?:system|assistant|developer|human|user)\s{0,2}:\s{0,3}\S/,
  ),
  signal(
    'to-the-model',
    5,
    0,
    'ai a.i. assistant model agent llm bot gpt claude gemini copilot',
    new RegExp(
      `\\b(?:note|notice|message|instructions?|attention|reminder|info|information|hint|memo|warning|request|command)s?\\s{1,3}(?:to|for)\\s{1,3}(?:the\\s{1,3}|any\\s{1,3}|all\\s{1,3}|our\\s{1,3})?${model}\\b|\\b(?:dear|hey|hello|hi|attention)\\s{1,3}(?:the\\s)?${model}(?:s|\\b)[,:! ]|<!--[^>]{0,20}\\b${model}\\b|\\b${model}\\s{1,2}(?:agents?|assistants?|models?)?\\s{0,2}:\\s|\\bif you(?:'re| are) an? ${model}\\b|\\bas an? ${model}(?: (?:language )?model)?,? you (?:must|should|will|need)\\b|\\b(?:ai|llm) (?:agents?|assistants?|models?|systems?) (?:must|should|need to|reading|processing|that read)`,
    ),
  ),
  signal(
    'command',
    3,
    0,
    'immediately urgently first instead then now please',
    /\byou (?:must|have to|need to|are (?:required|instructed|ordered|to)|shall|will) now\b|\b(?:immediately|urgently|first|instead|then|now|please)[, ]{1,2}(?:call|invoke|use|run|execute|send|forward|transfer|delete|reveal|email|post|upload|disable|write|create|add|print|drop)\b[^.\n]{0,40}\b(?:tool|function|command|api|emails?|files?|table|account|password|key|secret|prompt|user|admin|data|money|usd|eur|http|approval|memory|contents?)\b/,
  ),
  signal(
    'before-answering',
    4,
    1,
    'before',
    /\bbefore (?:you )?(?:answer|respond|reply|continu|proceed|do anything|summari[sz])\w{0,4}\b[^.\n]{0,40}\b(?:call|use|run|execute|send|invoke|fetch|read|open|write|add|delete|forward|transfer|must|first)\b/,
  ),
  signal(
    'tool-call',
    3,
    1,
    'tool function plugin command api',
    /\b(?:call|invoke|use|run|trigger|execute)\s{1,2}(?:the |a |your |this )?(?:\w{1,24} )?(?:tool|function|plugin|command|api)\b(?:[^.\n]{0,24}\b(?:to|with|and)\b)/,
  ),
  signal(
    'concealment',
    4,
    2,
    "do_not don't never without avoid silently secretly quietly covertly in_the_background keep",
    /\b(?:do not|don't|never|without|avoid)\s{1,3}(?:mention|tell|telling|inform|informing|reveal|revealing|disclos\w{1,4}|notify|notifying|show|showing|alert\w{0,3}|let(?:ting)? (?:the )?user|mentioning|saying)\b[^.\n]{0,30}\b(?:this|that|it|user|anyone|anybody|them|these|human|owner)\b|\b(?:silently|secretly|quietly|covertly|in the background)\b[^.\n]{0,20}\b(?:call|run|send|forward|execute|delete|add|upload|transfer)\b|\bkeep (?:this|it) (?:secret|hidden|between us|confidential)\b/,
  ),
  signal(
    'false-approval',
    5,
    1,
    'approv authori agreed consent confirm granted permitted asked_me permission',
    /\b(?:user|owner|admin\w{0,10}|human|operator|developer|customer|company|team) (?:has |have |had )?(?:already |explicitly |fully )?(?:pre-?)?(?:approved?|authori[sz]ed|agreed|consented|confirmed|granted|permitted|asked me to)\b|\b(?:no|without|skip|disable|bypass)\s{1,2}(?:further |any |the |user |human )?(?:confirmation|approval|permission|consent)(?: step)?\b/,
  ),
  signal(
    'prompt-theft',
    3,
    5,
    'prompt instruction configuration message directive guideline rules programming initiali',
    /\b(?:reveal|show|print|output|display|repeat|tell|give|send|share|reproduce|recite|leak|dump|expose|encode|translate|summari[sz]e|write|what(?:'s| is| are| were)|describe|list|paste|return|spell|log)\b[^.!?\n]{0,50}\b(?:system ?prompts?|initial (?:instructions?|prompt|configuration|message)|(?:starting|original|hidden|secret|first|full|exact|internal|core|base) (?:instructions?|prompts?|directives?|guidelines|rules)|your (?:instructions?|prompt|rules|guidelines|directives?|configuration|programming|initiali[sz]ation)|system (?:message|instructions?)|developer message|pre-?prompt|meta ?prompt|initiali[sz]ation (?:string|text))\b/,
  ),
  signal(
    'prompt-theft',
    3,
    5,
    'above before_this prior_to you_were were_you_told conversation prompt word_for_word instructions starting beginning supposed opposite',
    /\b(?:text|everything|words?|content|message|conversation|instructions?|lines?)\b[^.!?\n]{0,16}\b(?:above|before this|prior to this|you were (?:given|told|provided))\b|\bwhat were you told\b|\b(?:this|the) (?:entire|whole|full) conversation\b|\bsystem_?prompt\b|<system_prompt>|\bword for word\b|\bmy instructions are\b|\bthe system prompt is\b|\bstarting (?:with|from) ["']?you are\b|\bbeginning with ["']?you are\b|\bnot supposed to (?:tell|say|reveal|share|discuss)\b|\bopposite of your\b[^.\n]{0,20}\binstructions\b/,
  ),
  signal(
    'prompt-theft',
    2,
    4,
    'above initial given system starting original',
    /\b(?:above|initial|given|system|starting|original) (?:text|prompt|instructions?|message|context|configuration)\b|\bsystemprompt\b/,
  ),
  signal(
    'role-change',
    4,
    5,
    'anything_now dan developer_mode jail filter censor restriction limitation rules ethical moral guidelines broken_free norms stay free_of [gpt] evil opposite_mode god sudo_mode stan dude',
    /\b(?:do anything now|dan mode|developer mode enabled|jail ?break|jailbroken|unfiltered|uncensored|no (?:restrictions|limitations|filters?|rules|ethical|moral|guidelines)|without (?:any )?(?:restrictions|limitations|filters?|censorship|moral)|broken free|strive to avoid norms|stay (?:in|a) (?:character|dan)|free of (?:the|all) (?:typical )?(?:confines|restrictions|rules)|amoral|unethical and|\[dan\]|\[gpt\]|act just like dan|pretend to be dan|evil (?:mode|bot|twin)|opposite mode|god mode|sudo mode|god-?mode)\b|\[(?:dan|stan|dude|jailbreak|🔓jailbreak)\]/,
  ),
  signal(
    'role-change',
    3,
    3,
    'from_now_on you_are you_will_be you_shall_be pretend act_as respond_as behave_as answer_as immerse simulat',
    /\bfrom now on,? (?:you|your|act|respond|answer|ignore)\b|\byou (?:are|will be|shall be) (?:now |going to (?:act|pretend|be) )(?:an? |the |in )?\w|\bpretend (?:to be|that you|you are)\b|\b(?:act|respond|behave|answer) as (?:if you|though you|an? (?:ai|unrestricted|unfiltered|evil|hacker|dan))\b|\byou are (?:now )?(?:dan|stan|dude|no longer|immersed)\b|\bimmerse yourself into the role\b|\bsimulat\w{1,4} (?:the )?dan\b/,
  ),
  signal(
    'exfiltration',
    3,
    1,
    'http @ the_url the_address the_attacker the_webhook the_server the_link the_following',
    /\b(?:send|forward|post|upload|email|mail|exfiltrate|transmit|leak|copy|submit|deliver|append|encode)\b[^.\n]{0,50}\b(?:to|at|into|via)\s{1,2}(?:https?:\/\/|[\w.+-]{1,40}@[\w-]{1,40}\.|the (?:url|address|attacker|webhook|server|link|following (?:url|address|email)))/,
  ),
  signal(
    'secrets',
    3,
    1,
    'api password secret credential private_key id_rsa .env environment_variable access_token session_token ssh_key cookies',
    /\b(?:print|show|reveal|send|output|read|cat|leak|give|include|append|extract|return|dump)\b[^.\n]{0,40}\b(?:api[_ ]?keys?|passwords?|secrets?|credentials?|private keys?|id_rsa|\.env|environment variables?|access tokens?|session tokens?|ssh keys?|[a-z]{2,20}_api_key|cookies)\b/,
  ),
  signal(
    'code',
    3,
    1,
    'curl wget iwr invoke-webrequest rm_-r powershell bash eval( javascript: <script onerror ![',
    /\b(?:curl|wget|iwr|invoke-webrequest)\b[^\n|]{0,120}\|\s{0,3}(?:sudo )?(?:ba|z|da)?sh\b|\brm -rf? [~/]|\b(?:powershell|bash) -(?:enc|e|c)\b|\beval\(atob\(|javascript:|<script\b[^>]{0,80}>|\bonerror\s{0,2}=|!\[[^\]]{0,80}\]\(https?:\/\/[^)\s]{0,200}[?&=]\w{0,20}=?\{?/,
  ),
  signal(
    'transfer',
    3,
    0,
    'transfer wire send pay',
    /\b(?:transfer|wire|send|pay)\b[^.\n]{0,20}(?:\d[\d.,]{0,12}\s{0,2}(?:usd|eur|gbp|btc|eth|dollars|euros|\$|€)|[$€£]\s{0,2}\d)[^.\n]{0,30}\bto\b[^.\n]{0,20}\b(?:account|iban|wallet|address|[a-z]{2}\d{10,})/,
  ),
  signal(
    'insert-code',
    3,
    0,
    'following subsequent below provided',
    /\b(?:include|insert|integrate|incorporate|embed|append|add|blend|meld|introduce|utili[sz]e|enrich\w{0,3}|ensure|featur\w{1,3}|assimilat\w{1,3}|flourish|harmoniously)\b[^.\n]{0,60}\b(?:the )?(?:following|subsequent|below|provided)\b[^.\n]{0,20}\b(?:code|snippet|script|excerpt|section|block)\b/,
  ),
]
