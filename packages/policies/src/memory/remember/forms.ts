/** What a form says. Group 1 is what it is about, or what is said of it; `own`, `favorite` and `choice` have a second. */
export type FormName =
  | 'name'
  | 'called'
  | 'home'
  | 'employer'
  | 'job'
  | 'origin'
  | 'allergy'
  | 'diet'
  | 'favorite'
  | 'own'
  | 'choice'
  | 'taste'
  | 'rule'
  | 'note'

/** Where a clause may begin: at the start, after a comma, after a small word. */
const start =
  '(?:^|[,;:—–]\\s*|^(?:hi|hello|hey|hallo|hola|salut|bonjour|ciao|ola|olá)\\b[,!]?\\s*|\\b(?:and|but|so|also|btw|by the way|actually|well|please|because|und|aber|bitte|et|mais|y|pero|e|ma|mas)\\s+)'
const really =
  '(?:really |strongly |much |absolutely |also |now |still |usually |generally |always )*'

/** The first form that fits counts. */
const patterns: readonly (readonly [FormName, string])[] = [
  // English
  ['note', "^(?:please )?(?:remember|note|keep in mind|don['’]t forget)(?: that|:)\\s+(.{4,})"],
  ['note', '^for the record[,:]? (.{4,})'],
  ['rule', "^(?:please )?(?:always|never|do not ever|don['’]t ever)\\s+(.{3,})"],
  [
    'rule',
    '^(?:from now on|in (?:the )?future|going forward)[, ]+(?:please )?(?:always |never )?(.{3,})',
  ],
  ['name', `${start}(?:my name is|my name[’']s|i am called|i[’']m called)\\s+(\\S.{0,60})`],
  [
    'called',
    `${start}(?:you can |please )?call me\\s+(?!back|when|if|later|at\\b|on\\b|in\\b|asap|tomorrow|today|again)(\\p{L}.{0,40})`,
  ],
  [
    'home',
    `${start}i(?: am|[’']m| have|[’']ve)?(?: now| just| recently| currently)? (?:live|living|based|reside|moved|relocated)(?: in| to| near| at) (.{2,60})`,
  ],
  ['employer', `${start}i (?:now |currently )?work (?:at|for) (.{2,60})`],
  ['job', `${start}i (?:now |currently )?work as (.{2,60})`],
  ['origin', `${start}i(?:[’']m| am| come) (?:originally )?from (.{2,60})`],
  ['allergy', `${start}i(?:[’']m| am) (?:severely |very |badly )?allergic to (.{2,60})`],
  [
    'diet',
    `${start}i(?:[’']m| am) (?:a |an )?(?:strict |now )?(vegan|vegetarian|pescatarian|celiac|coeliac|lactose intolerant)\\b`,
  ],
  ['favorite', `${start}my favou?rite (.{2,40}?) (?:is|are|was)(?: now)? (.{1,80})`],
  [
    'choice',
    `${start}i(?:[’']d| would)? ${really}(?:prefer|rather have) (.{2,60}?) (?:over|to|rather than|instead of) (.{2,60})`,
  ],
  ['taste', `${start}i ${really}prefer (?!not to say)(.{2,80})`],
  [
    'taste',
    `${start}i ${really}(?:like|love|enjoy|hate|dislike|can[’']t stand|cannot stand|avoid|don[’']t like|do not like|don[’']t eat|do not eat|don[’']t drink|do not drink|no longer like|no longer eat|no longer drink) (?!this\\b|that\\b|it\\b|your\\b|how\\b|the idea)(.{2,80})`,
  ],
  [
    'own',
    `${start}my ([\\p{L}][\\p{L} '’-]{1,40}?) (?:is|are)(?: now)? (?!not sure|that\\b|why\\b|how\\b|what\\b)(.{1,80})`,
  ],
  // German
  ['note', '^(?:bitte )?(?:merk|merke|merken sie) (?:dir|sich)[,:]?(?: dass)? (.{4,})'],
  ['rule', '^(?:bitte )?(?:immer|nie|niemals)\\s+(.{3,})'],
  [
    'rule',
    '^(?:bitte )?((?:antworte|antworten sie|schreib|schreibe|schreiben sie|verwende|verwenden sie|nutze|nutzen sie|benutze|benutzen sie) (?:mir )?(?:bitte )?(?:immer|nie|niemals|nur noch|ab jetzt) .{2,})',
  ],
  ['name', `${start}(?:ich heiße|ich heisse|mein name ist)\\s+(\\S.{0,60})`],
  ['called', `${start}(?:nenn|nenne|nennen sie) mich (?:bitte |einfach )*(\\p{L}.{0,40})`],
  ['home', `${start}ich (?:wohne|lebe)(?: jetzt| inzwischen)? (?:in|bei|nahe) (.{2,60})`],
  ['home', `${start}ich bin (?:gerade |jetzt )?nach (.{2,40}?) (?:gezogen|umgezogen)`],
  ['employer', `${start}ich arbeite (?:jetzt )?(?:bei|für) (.{2,60})`],
  ['job', `${start}ich arbeite (?:jetzt )?als (.{2,60})`],
  ['origin', `${start}ich komme (?:ursprünglich )?aus (.{2,60})`],
  ['allergy', `${start}ich bin allergisch gegen (.{2,60})`],
  ['favorite', `${start}meine? lieblings-?(\\p{L}{2,40}) ist (.{1,80})`],
  [
    'taste',
    `${start}ich (?:bevorzuge|mag|liebe|hasse|vermeide) (?:lieber |keinen |keine |kein |nicht )*(.{2,80})`,
  ],
  ['taste', `${start}ich (?:trinke|esse) (?:lieber|am liebsten|keinen|keine|kein) (.{2,80})`],
  ['own', `${start}meine? ([\\p{L}][\\p{L} -]{1,40}?) (?:ist|sind|heißt)(?: jetzt)? (.{1,80})`],
  // French
  [
    'note',
    "^(?:souviens-toi|souvenez-vous|retiens|retenez|n['’]oublie pas|note|notez) (?:bien )?(?:que |qu['’])(.{4,})",
  ],
  [
    'rule',
    '^((?:réponds|répondez|utilise|utilisez|écris|écrivez|parle|parlez)(?:-moi)? (?:toujours|uniquement) .{2,})',
  ],
  ['rule', "^(ne .{2,60} jamais .{2,}|n['’].{2,60} jamais .{2,})"],
  ['name', `${start}(?:je m['’]appelle|mon nom est)\\s+(\\S.{0,60})`],
  ['called', `${start}(?:appelle|appelez)-moi (\\p{L}.{0,40})`],
  [
    'home',
    `${start}(?:j['’]habite|je vis|j['’]ai déménagé)(?: maintenant)? (?:à|en|au|aux|dans) (.{2,60})`,
  ],
  ['employer', `${start}je travaille (?:chez|pour) (.{2,60})`],
  ['job', `${start}je travaille comme (.{2,60})`],
  ['allergy', `${start}je suis allergique (?:à la |à l['’]|aux |au |à )(.{2,60})`],
  ['favorite', `${start}m(?:on|a) (.{2,40}?) préférée? est (.{1,80})`],
  [
    'taste',
    `${start}(?:je préfère|j['’]aime|j['’]adore|je déteste|je n['’]aime pas|je n['’]aime plus) (.{2,80})`,
  ],
  // Spanish
  ['note', '^(?:recuerda|recuerde|ten en cuenta|no olvides) que (.{4,})'],
  ['rule', '^(?:por favor,? )?(?:siempre|nunca)\\s+(.{3,})'],
  ['rule', '^((?:responde|usa|escribe|habla)(?:me)? siempre .{2,})'],
  ['name', `${start}(?:me llamo|mi nombre es)\\s+(\\S.{0,60})`],
  ['called', `${start}(?:llámame|llamame|puedes llamarme) (\\p{L}.{0,40})`],
  ['home', `${start}(?:yo )?(?:vivo en|me (?:he mudado|mudé) a)(?: ahora)? (.{2,60})`],
  ['employer', `${start}trabajo (?:en|para) (.{2,60})`],
  ['job', `${start}trabajo como (.{2,60})`],
  ['allergy', `${start}soy alérgic[oa] (?:a la |al |a los |a las |a )(.{2,60})`],
  ['favorite', `${start}mi (.{2,40}?) favorit[oa] es (.{1,80})`],
  [
    'taste',
    `${start}(?:yo )?(?:prefiero|me gustan?|me encantan?|no me gustan?|odio|ya no me gustan?) (.{2,80})`,
  ],
  // Portuguese
  ['note', '^(?:lembre-se|lembra-te|lembre|não esqueça)(?: de)? que (.{4,})'],
  ['rule', '^(?:por favor,? )?(?:sempre|nunca)\\s+(.{3,})'],
  ['name', `${start}(?:meu nome é|o meu nome é|eu me chamo|me chamo|chamo-me)\\s+(\\S.{0,60})`],
  ['called', `${start}(?:me chame de|pode me chamar de|chama-me) (\\p{L}.{0,40})`],
  ['home', `${start}(?:eu )?(?:moro|vivo) (?:agora )?(?:em|no|na) (.{2,60})`],
  ['employer', `${start}(?:eu )?trabalho (?:na|no|para) (.{2,60})`],
  ['allergy', `${start}(?:eu )?sou alérgic[oa] (?:a|à|ao|aos|às) (.{2,60})`],
  ['taste', `${start}(?:eu )?(?:prefiro|gosto de|adoro|odeio|não gosto de) (.{2,80})`],
  // Italian
  ['note', '^(?:ricorda|ricordati|tieni presente) che (.{4,})'],
  [
    'rule',
    '^(?:per favore,? )?((?:rispondi|usa|scrivi|parla)(?:mi)? sempre .{2,}|non .{2,60} mai .{2,})',
  ],
  ['name', `${start}(?:mi chiamo|il mio nome è)\\s+(\\S.{0,60})`],
  ['called', `${start}(?:chiamami|puoi chiamarmi) (\\p{L}.{0,40})`],
  ['home', `${start}(?:abito|vivo) (?:ora )?(?:a|in) (.{2,60})`],
  ['employer', `${start}lavoro (?:per|presso) (.{2,60})`],
  ['allergy', `${start}sono allergic[oa] (?:a|al|alla|ai|alle|agli|all['’])\\s*(.{2,60})`],
  [
    'taste',
    `${start}(?:io )?(?:preferisco|mi piace|mi piacciono|adoro|odio|non mi piace|non mi piacciono) (.{2,80})`,
  ],
  // Chinese
  ['note', '(?:请记住|請記住|记住|記住)[，,：:]?(.{3,})'],
  ['name', '(?:我叫|我的名字(?:是|叫))\\s*(.{1,20})'],
  ['called', '(?:请|請)?(?:叫我|称呼我为|稱呼我為)\\s*(.{1,20})'],
  ['home', '我(?:现在|現在)?(?:住在|搬到了?)\\s*(.{1,30})'],
  ['employer', '我(?:现在|現在)?在(.{1,30})(?:工作|上班)'],
  ['allergy', '我(?:对|對)(.{1,20})(?:过敏|過敏)'],
  ['favorite', '我最(?:喜欢|喜歡)的(.{1,20})是(.{1,30})'],
  ['taste', '我(?:更|不|不再|很|非常)?(?:喜欢|喜歡|偏好|讨厌|討厭|爱|愛)(.{1,30})'],
  ['rule', '^(?:请|請)?(?:总是|總是|始终|始終|永远不要|永遠不要|以后都|以後都|不要再)(.{2,})'],
  // Japanese
  ['note', '(.{3,})(?:を|ことを|と)覚えておいて'],
  ['name', '(?:私|僕|わたし)?の?名前は(.{1,20}?)(?:です|だ|といいます|と言います)?$'],
  ['name', '^(?:私は)?(.{1,20}?)と申します'],
  ['called', '(.{1,20}?)(?:と|って)呼んで'],
  ['home', '(?:私は|僕は)?(?:今は)?(.{1,20}?)に(?:住んで|引っ越し)'],
  ['employer', '(?:私は|僕は)?(.{1,20}?)で働いて'],
  ['allergy', '(?:私は|僕は)?(.{1,20}?)アレルギー'],
  ['taste', '(?:私は|僕は)?(.{1,30}?)(?:のほうが|の方が|が|は)(?:大)?(?:好き|嫌い)'],
  ['rule', '^(?:いつも|必ず|絶対に|常に|今後は)(.{2,})'],
]

export const forms: readonly { readonly name: FormName; readonly pattern: RegExp }[] = patterns.map(
  ([name, pattern]) => ({ name, pattern: new RegExp(pattern, 'iu') }),
)
