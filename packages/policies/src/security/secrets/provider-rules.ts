/** A key whose own form tells whose it is. */
export interface ProviderRule {
  readonly kind: string
  /** Texts of which one must be there before the pattern is tried; in the case that they are written in. */
  readonly near: readonly string[]
  /** Every quantifier is bounded or runs over one class, so that no input makes it slow. */
  readonly pattern: RegExp
  /** Placeholders of this form are secrets as well: a filled-in scheme, a private key. */
  readonly always?: boolean
}

const rule = (
  kind: string,
  near: string | readonly string[],
  pattern: RegExp,
  always = false,
): ProviderRule => ({
  kind,
  near: typeof near === 'string' ? [near] : near,
  pattern,
  ...(always ? { always } : {}),
})

/** Keys of the providers that agents use, by the forms that their documentation and their keys show (2026-11-21). */
export const providerRules: readonly ProviderRule[] = [
  rule(
    'openai',
    'T3BlbkFJ',
    /(?<![\w-])sk-(?:[A-Za-z]{2,10}-)?[\w-]{16,200}T3BlbkFJ[\w-]{16,200}/g,
  ),
  rule(
    'anthropic',
    'sk-ant-',
    /(?<![\w-])sk-ant-(?:api03|admin01)-[\w-]{93}AA(?![\w-])|(?<![\w-])sk-ant-(?:oat|ort|sid|ses)\d{2}-[\w-]{60,200}/g,
  ),
  rule('openrouter', 'sk-or-', /(?<![\w-])sk-or-v1-[a-f0-9]{64}(?!\w)/g),
  rule('google', 'AIza', /(?<![\w-])AIza[\w-]{35}(?![\w-])/g),
  rule(
    'google-oauth',
    ['GOCSPX-', 'ya29.', '1//0'],
    /(?<![\w-])GOCSPX-[\w-]{28}(?![\w-])|(?<!\w)ya29\.[\w-]{30,400}|(?<![\w/])1\/\/0[\w-]{40,120}/g,
  ),
  rule(
    'google-service-account',
    'service_account',
    /"type"\s{0,5}:\s{0,5}"service_account"/g,
    true,
  ),
  rule('groq', 'gsk_', /(?<!\w)gsk_[A-Za-z0-9]{52}(?!\w)/g),
  rule('xai', 'xai-', /(?<![\w-])xai-[A-Za-z0-9]{70,90}(?!\w)/g),
  rule('perplexity', 'pplx-', /(?<![\w-])pplx-[A-Za-z0-9]{48}(?!\w)/g),
  rule('huggingface', ['hf_', 'api_org_'], /(?<!\w)(?:hf_|api_org_)[A-Za-z]{34}(?!\w)/g),
  rule('replicate', 'r8_', /(?<!\w)r8_[A-Za-z0-9]{37}(?!\w)/g),
  rule('fireworks', 'fw_', /(?<!\w)fw_[A-Za-z0-9]{22,24}(?!\w)/g),
  rule('langsmith', 'lsv2_', /(?<!\w)lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}(?!\w)/g),
  rule('pinecone', 'pcsk_', /(?<!\w)pcsk_\w{60,80}(?!\w)/g),
  rule('tavily', 'tvly-', /(?<![\w-])tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}(?!\w)/g),
  rule('nvidia', 'nvapi-', /(?<![\w-])nvapi-[\w-]{64}(?![\w-])/g),
  rule(
    'aws',
    ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3T'],
    /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
  ),
  rule(
    'aws-bedrock',
    ['ABSK', 'bedrock-api-key-'],
    /(?<!\w)ABSK[A-Za-z0-9+/]{109,269}={0,2}|(?<![\w-])bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t[\w+/=-]{0,2000}/g,
  ),
  rule(
    'aws-secret',
    ['secret', 'SECRET', 'Secret'],
    /(?<=aws_?(?:secret_?)?(?:access_?)?key["']?\s{0,3}(?:=>|=|:)\s{0,3}["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/gi,
    true,
  ),
  rule(
    'ethereum-key',
    ['wallet', 'private', 'PRIVATE', 'Wallet'],
    /(?<!\w)0x[\da-fA-F]{64}(?!\w)/g,
  ),
  rule('azure', 'Q~', /(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~-])/g),
  rule('azure-storage', 'AccountKey=', /(?<=AccountKey=)[A-Za-z0-9+/]{86}==/g),
  rule(
    'azure-identity',
    ['tenant_id', 'TENANT_ID', 'client_id', 'CLIENT_ID'],
    /(?<=(?:azure|ad)_(?:tenant|client)_id["']?\s{0,3}[:=]\s{0,3}["']?)[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi,
  ),
  rule(
    'aws-account',
    ['account', 'ACCOUNT', 'Account'],
    /(?<=aws_?account_?(?:id)?["']?\s{0,3}(?:=>|=|:)\s{0,3}["']?)\d{4}-?\d{4}-?\d{4}(?!\d)/gi,
    true,
  ),
  rule(
    'github',
    ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    /(?<!\w)gh[pousr]_[A-Za-z0-9]{36,255}(?!\w)|(?<!\w)github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}(?!\w)|(?<!\w)ghs_\d{1,20}_eyJ[\w.-]{40,2000}/g,
  ),
  rule(
    'gitlab',
    [
      'glpat-',
      'glrt-',
      'glptt-',
      'gldt-',
      'glft-',
      'glsoat-',
      'glcbt-',
      'glagent-',
      'glimt-',
      'glffct-',
      'gloas-',
      'glwt-',
      'GR1348941',
    ],
    /(?<![\w-])gl(?:pat|rt|ptt|dt|ft|soat|cbt|agent|imt|ffct|oas|wt)-[\w-]{20,64}(?:\.[\w-]{2,10}\.[\w-]{7,12})?(?![\w-])|(?<![\w-])glrt-t\d_[\w-]{20,64}|(?<!\w)GR1348941[\w-]{20}(?![\w-])/g,
  ),
  rule('bitbucket', 'ATBB', /(?<!\w)ATBB[A-Za-z0-9]{32}(?!\w)/g),
  rule('atlassian', 'ATATT3', /(?<!\w)ATATT3[\w=-]{150,250}/g),
  rule('npm', 'npm_', /(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)/g),
  rule('pypi', 'pypi-', /(?<![\w-])pypi-(?:AgEIcHlwaS5vcmc|AgENdGVzdC5weXBpLm9yZw)[\w-]{50,1000}/g),
  rule('rubygems', 'rubygems_', /(?<!\w)rubygems_[a-f0-9]{48}(?!\w)/g),
  rule('crates', 'cio', /(?<!\w)cio[A-Za-z0-9]{32}(?!\w)/g),
  rule('docker', ['dckr_pat_', 'dckr_oat_'], /(?<!\w)dckr_(?:pat|oat)_[\w-]{27,32}(?![\w-])/g),
  rule(
    'slack',
    ['xox', 'xapp-', 'xwfp-'],
    /(?<![\w-])xox[bpoasr]-(?:\d{1,3}-)?\d{9,14}-[\w-]{12,200}|(?<![\w-])xapp-\d-[A-Z0-9]{8,14}-\d{8,14}-[a-z0-9]{40,80}|(?<![\w-])xoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{100,250}|(?<![\w-])xwfp-[\w-]{40,120}/gi,
  ),
  rule(
    'slack-webhook',
    'hooks.slack.com/',
    /hooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Z0-9]{5,14}\/[A-Z0-9]{5,14}\/[A-Za-z0-9/]{15,80}/g,
  ),
  rule(
    'discord',
    ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    /discord(?:app)?\.com\/api\/webhooks\/\d{17,20}\/[\w-]{60,70}/g,
  ),
  rule(
    'teams-webhook',
    'webhook.office.com/',
    /\.webhook\.office\.com\/webhookb2\/[\w@-]{40,90}\/IncomingWebhook\/[a-z0-9]{32}\/[\w-]{36}/g,
  ),
  rule('discord-bot', '.', /(?<![\w-])[MNO][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,38}(?![\w-])/g),
  rule('telegram', ':AA', /(?<!\w)\d{8,10}:AA[\w-]{33}(?![\w-])/g),
  rule(
    'stripe',
    ['sk_', 'rk_', 'whsec_'],
    /(?<!\w)(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{24,247}|(?<!\w)whsec_[A-Za-z0-9+/]{32,64}={0,2}/g,
    true,
  ),
  rule('square', ['EAAA', 'sq0'], /(?<!\w)sq0[a-z]{3}-[\w-]{22,43}|(?<!\w)EAAA[\w-]{60}(?![\w-])/g),
  rule(
    'facebook',
    ['EAA', '|', '%'],
    /(?<!\w)EAA[MC][A-Za-z0-9]{100,400}|(?<!\d)\d{15,16}(?:\||%7C)[\w-]{27}(?![\w-])/g,
  ),
  rule('sendgrid', 'SG.', /(?<!\w)SG\.[\w-]{20,24}\.[\w-]{39,50}(?![\w-])/g),
  rule('twilio', ['SK', 'AC'], /(?<!\w)SK[0-9a-f]{32}(?!\w)/g),
  rule('mailgun', ['key-', 'pubkey-'], /(?<![\w-])key-[0-9a-f]{32}(?!\w)/g),
  rule('resend', 're_', /(?<!\w)re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?!\w)/g),
  rule(
    'shopify',
    ['shpat_', 'shpca_', 'shppa_', 'shpss_', 'shpua_'],
    /(?<!\w)shp(?:at|ca|pa|ss|ua)_[A-Za-z0-9]{32}(?!\w)/g,
  ),
  rule('digitalocean', ['dop_v1_', 'doo_v1_', 'dor_v1_'], /(?<!\w)do[opr]_v1_[a-f0-9]{64}(?!\w)/g),
  rule(
    'vercel',
    ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'],
    /(?<!\w)vc[piark]_[A-Za-z0-9]{24,80}(?!\w)/g,
  ),
  rule('netlify', 'nfp_', /(?<!\w)nfp_[A-Za-z0-9]{36}(?!\w)/g),
  rule(
    'supabase',
    ['sbp_', 'sb_secret_'],
    /(?<!\w)sbp_[a-f0-9]{40}(?!\w)|(?<!\w)sb_secret_[\w-]{31}(?![\w-])/g,
  ),
  rule('planetscale', 'pscale_', /(?<!\w)pscale_(?:tkn|oauth|pw)_[\w=.-]{32,64}/g),
  rule('neon', 'napi_', /(?<!\w)napi_[a-z0-9]{60,70}(?!\w)/g),
  rule('hashicorp-vault', ['hvs.', 'hvb.', 'hvr.'], /(?<!\w)hv[sbr]\.[\w-]{24,300}/g),
  rule('hashicorp-terraform', '.atlasv1.', /(?<!\w)[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}/g),
  rule(
    'doppler',
    'dp.',
    /(?<!\w)dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]{2,35}\.)?[A-Za-z0-9]{40,44}(?!\w)/g,
  ),
  rule(
    'onepassword',
    ['ops_eyJ', 'A3-'],
    /(?<!\w)ops_eyJ[A-Za-z0-9+/_-]{200,2000}={0,3}|(?<![\w-])A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}(?![\w-])/g,
  ),
  rule('linear', 'lin_', /(?<!\w)lin_(?:api|oauth)_[A-Za-z0-9]{40,64}(?!\w)/g, true),
  rule(
    'notion',
    ['ntn_', 'secret_'],
    /(?<!\w)ntn_\d{11}[A-Za-z0-9]{35}(?!\w)|(?<!\w)secret_[A-Za-z0-9]{43}(?!\w)/g,
  ),
  rule('figma', ['figd_', 'figo_', 'figu_'], /(?<!\w)fig[dou]h?_[\w-]{40,50}/g),
  rule('airtable', 'pat', /(?<!\w)pat[A-Za-z0-9]{14}\.[a-f0-9]{64}(?!\w)/g),
  rule('databricks', 'dapi', /(?<!\w)dapi[a-f0-9]{32}(?:-\d)?(?!\w)/gi),
  rule('grafana', 'glsa_', /(?<!\w)glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}(?!\w)/g, true),
  rule('grafana-cloud', 'glc_', /(?<!\w)glc_[A-Za-z0-9+/]{32,400}={0,3}/g),
  rule('newrelic', 'NRAK-', /(?<![\w-])NR(?:AK|AA|II|JS)-[A-Za-z0-9-]{19,32}(?![\w-])/g),
  rule(
    'sentry',
    ['sntrys_', 'sntryu_'],
    /(?<!\w)sntrys_eyJ[A-Za-z0-9+/=_]{80,1000}|(?<!\w)sntryu_[a-f0-9]{64}(?!\w)/g,
  ),
  rule(
    'cloudflare',
    ['cfat_', 'cfut_', 'cfk_', 'v1.0-'],
    /(?<!\w)cf(?:at|ut|k)_[A-Za-z0-9]{40}[a-f0-9]{8}(?!\w)|(?<![\w.])v1\.0-[a-f0-9]{24}-[a-f0-9]{146}(?!\w)/g,
  ),
  rule(
    'tailscale',
    'tskey-',
    /(?<![\w-])tskey-[a-z]{2,12}-[A-Za-z0-9]{10,16}(?:CNTRL)?-[A-Za-z0-9]{20,40}(?!\w)/g,
    true,
  ),
  rule(
    'flyio',
    ['fo1_', 'fm1', 'fm2_'],
    /(?<!\w)fo1_[\w-]{43}(?![\w-])|(?<!\w)fm(?:1[ar]|2)_[A-Za-z0-9+/]{100,2000}={0,3}/g,
  ),
  rule('postman', 'PMAK-', /(?<![\w-])PMAK-[a-f0-9]{24}-[a-f0-9]{34}(?!\w)/g),
  rule('prefect', 'pnu_', /(?<!\w)pn[ub]_[A-Za-z0-9]{36}(?!\w)/g),
  rule('pulumi', 'pul-', /(?<![\w-])pul-[a-f0-9]{40}(?!\w)/g),
  rule('infracost', 'ico-', /(?<![\w.-])ico-[A-Za-z0-9]{32}(?!\w)/g),
  rule('octopus', 'API-', /(?<![\w-])API-[A-Z0-9]{26}(?![\w-])/g),
  rule(
    'sourcegraph',
    ['sgp_', 'ourcegraph', 'SOURCEGRAPH'],
    /(?<!\w)sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}(?!\w)|(?<=sourcegraph[\w -]{0,20}["']?\s{0,3}[:=]\s{0,3}["']?)[a-f0-9]{40}(?!\w)/gi,
  ),
  rule('intra42', 's-s4t2', /(?<![\w-])s-s4t2(?:ud|af)-[a-f0-9]{64}(?!\w)/g),
  rule('clickhouse', '4b1d', /(?<!\w)4b1d[A-Za-z0-9]{38}(?!\w)/g),
  rule(
    'artifactory',
    ['AKCp', 'cmVmd'],
    /(?<!\w)AKCp[A-Za-z0-9]{69}(?!\w)|(?<!\w)cmVmd[A-Za-z0-9]{59}(?!\w)/g,
  ),
  rule('age', 'AGE-SECRET-KEY-1', /AGE-SECRET-KEY-1[A-Z0-9]{58}/g),
  rule('duffel', 'duffel_', /(?<!\w)duffel_(?:test|live)_[\w=-]{43}/g),
  rule('easypost', ['EZAK', 'EZTK'], /(?<!\w)EZ[AT]K[A-Za-z0-9]{54}(?!\w)/g),
  rule('jwt', 'eyJ', /(?<![\w-])eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10,2000}/g),
  rule(
    'private-key',
    'PRIVATE KEY',
    /-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{32,20000}(?:-----END[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
    true,
  ),
  rule(
    'kubernetes-secret',
    'kind: Secret',
    /(?<=kind: Secret\b[^\0]{0,400}\b(?:data|stringData):\s{0,4}\n(?:[ \t]+[\w.-]{1,60}:[^\n]{0,400}\n){0,20}[ \t]{1,8}[\w.-]{1,60}:[ \t]{1,4})[^\s]{4,2000}/g,
    true,
  ),
]
