import type { Section } from './read-cloud.ts'

/** Variables of the openstack client that say who logs in, by the word that clouds.yaml has for them. */
const AUTH = {
  OS_AUTH_URL: 'auth_url',
  OS_USERNAME: 'username',
  OS_USER_ID: 'user_id',
  OS_PASSWORD: 'password',
  OS_TOKEN: 'token',
  OS_PROJECT_NAME: 'project_name',
  OS_PROJECT_ID: 'project_id',
  OS_TENANT_NAME: 'tenant_name',
  OS_TENANT_ID: 'tenant_id',
  OS_USER_DOMAIN_NAME: 'user_domain_name',
  OS_USER_DOMAIN_ID: 'user_domain_id',
  OS_PROJECT_DOMAIN_NAME: 'project_domain_name',
  OS_PROJECT_DOMAIN_ID: 'project_domain_id',
  OS_DOMAIN_NAME: 'domain_name',
  OS_DOMAIN_ID: 'domain_id',
  OS_DEFAULT_DOMAIN: 'default_domain_id',
  OS_DEFAULT_DOMAIN_ID: 'default_domain_id',
  OS_APPLICATION_CREDENTIAL_ID: 'application_credential_id',
  OS_APPLICATION_CREDENTIAL_NAME: 'application_credential_name',
  OS_APPLICATION_CREDENTIAL_SECRET: 'application_credential_secret',
} as const

const PLAIN = {
  OS_AUTH_TYPE: 'auth_type',
  OS_REGION_NAME: 'region_name',
  OS_INTERFACE: 'interface',
  OS_ENDPOINT_TYPE: 'endpoint_type',
  OS_CACERT: 'cacert',
  OS_INSECURE: 'insecure',
} as const

/** The OS_* variables, in the form of a cloud in clouds.yaml. */
export function cloudOfEnvironment(env: NodeJS.ProcessEnv): Section {
  return { ...named(PLAIN, env), auth: named(AUTH, env) }
}

function named(table: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): Section {
  return Object.fromEntries(Object.entries(table).flatMap(([variable, word]) => (env[variable] ? [[word, env[variable]]] : [])))
}
