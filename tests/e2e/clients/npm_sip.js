// A phone of npm's `sip`: registers, refreshes at half of what it was granted, unregisters at the word "unregister".
'use strict';
const sip = require('sip');
const digest = require('sip/digest');

const [user, secret, authUser, domain, host, port, transport, expires, source, ownPort] = process.argv.slice(2);
const callId = Math.random().toString(36).slice(2);
let cseq = 0;
let session = {};

sip.start(
  // Not its own address for a name: it would take the carrier at that address for itself, and send nothing.
  { address: source, port: Number(ownPort), publicAddress: 'client.invalid', udp: transport === 'udp', tcp: transport === 'tcp' },
  (request) => sip.send(sip.makeResponse(request, 405, 'Method Not Allowed')),
);

function register(seconds, challenge) {
  const request = {
    method: 'REGISTER',
    uri: `sip:${domain}`,
    headers: {
      to: { uri: `sip:${user}@${domain}` },
      from: { uri: `sip:${user}@${domain}`, params: { tag: callId } },
      'call-id': callId,
      cseq: { method: 'REGISTER', seq: ++cseq },
      contact: [{ uri: `sip:${user}@${source}:${ownPort};transport=${transport}` }],
      expires: seconds,
      route: [{ uri: `sip:${host}:${port};transport=${transport};lr` }],
    },
  };
  if (challenge) digest.signRequest(session, request, challenge, { user: authUser, password: secret });
  sip.send(request, (response) => {
    if (response.status === 401 && !challenge) return register(seconds, response);
    if (response.status !== 200) {
      console.log(`refused: ${response.status} ${response.reason}`);
      return process.exit(1);
    }
    if (!seconds) {
      console.log('unregistered');
      return process.exit(0);
    }
    const granted = Number(response.headers.contact[0].params.expires);
    console.log(`registered for ${granted} s`);
    setTimeout(() => register(seconds), granted * 500);
  });
}

process.stdin.on('data', (line) => String(line).includes('unregister') && register(0));
register(Number(expires));
