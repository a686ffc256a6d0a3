// npm's `oidc-provider` as ID-porten and HelseID, for the tests in legedialog/integrations/login. Nobody at the screen:
// whoever comes is logged in as `next` says. Reads one line of JSON from standard input, prints its address, and ends
// when standard input closes.
//   in:       { clients: [client metadata], jwks: the provider's private keys }
//   POST /next { sub, acr, claims, error } decides about the next person who comes
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

console.warn = console.info = () => {};
const lines = createInterface({ input: process.stdin });
const { clients, jwks } = JSON.parse(await new Promise((resolve) => lines.once("line", resolve)));
lines.on("close", () => process.exit());

let next = {};
const people = new Map();
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  jwks,
  cookies: { keys: ["only", "for", "tests"] },
  scopes: [
    "openid", "profile", "helseid://claims/identity/pid", "helseid://claims/identity/security_level",
    "helseid://scopes/hpr/hpr_number",
  ],
  claims: {
    openid: [
      "sub", "pid", "helseid://claims/identity/pid", "helseid://claims/identity/security_level",
      "helseid://claims/hpr/hpr_number",
    ],
    acr: null, sid: null, auth_time: null, iss: null,
  },
  acrValues: ["idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"],
  responseTypes: ["code"],
  clientAuthMethods: ["private_key_jwt"],
  enabledJWA: { clientAuthSigningAlgValues: ["ES256", "RS256"] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      // Straight on, where people would be asked.
      logoutSource: (ctx, form) => {
        ctx.body = `${form}`;
      },
    },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
  },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  // The test listens on loopback, which the library's own dispatcher rightly refuses.
  fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
  renderError: (ctx, out) => {
    ctx.body = out;
  },
  ttl: { Interaction: 600, Session: 600, Grant: 600, IdToken: 120, AccessToken: 120, AuthorizationCode: 60 },
});

async function interaction(request, response) {
  const { params } = await provider.interactionDetails(request, response);
  if (next.error) {
    return provider.interactionFinished(request, response, { error: next.error });
  }
  people.set(next.sub, next.claims);
  const grant = new provider.Grant({ accountId: next.sub, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, {
    login: { accountId: next.sub, acr: next.acr },
    consent: { grantId: await grant.save() },
  });
}

const callback = provider.callback();
server.on("request", async (request, response) => {
  try {
    if (request.url === "/next") {
      const parts = [];
      for await (const part of request) parts.push(part);
      next = JSON.parse(Buffer.concat(parts));
      response.end();
    } else if (request.url.startsWith("/interaction/")) {
      await interaction(request, response);
    } else {
      callback(request, response);
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
console.log(issuer);
