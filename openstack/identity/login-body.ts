import type { Domain, Login, Named } from '../settings/cloud-settings.ts'

/** What POST /v3/auth/tokens wants; holds the password in clear. */
export function loginBody(login: Login): object {
  switch (login.kind) {
    case 'password':
      return { auth: { identity: { methods: ['password'], password: { user: { ...named(login.user), password: login.password.reveal() } } }, ...scope(login.project) } }
    case 'token':
      return { auth: { identity: { methods: ['token'], token: { id: login.token.reveal() } }, ...scope(login.project) } }
    case 'application-credential': {
      const { credential, secret } = login
      const which = 'id' in credential ? credential : { name: credential.name, user: named(credential.user) }
      // Its project is its own: a scope would be refused.
      return { auth: { identity: { methods: ['application_credential'], application_credential: { ...which, secret: secret.reveal() } } } }
    }
  }
}

function scope(project: Named | undefined): object {
  return project === undefined ? {} : { scope: { project: named(project) } }
}

function named(who: Named): { id: string } | { name: string; domain: Domain } {
  return 'id' in who ? { id: who.id } : { name: who.name, domain: who.domain }
}

/** For messages: `user "admin"`. */
export function whoLogsIn(login: Login): string {
  if (login.kind === 'token') return 'the token'
  if (login.kind === 'password') return `user ${JSON.stringify('id' in login.user ? login.user.id : login.user.name)}`
  return `application credential ${JSON.stringify('id' in login.credential ? login.credential.id : login.credential.name)}`
}
