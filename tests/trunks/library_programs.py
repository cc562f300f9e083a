"""Programs that register with JsSIP, SIP.js, drachtio and pyVoIP, as people paste them, and what is in them."""

from __future__ import annotations

JSSIP, SIPJS, DRACHTIO, PYVOIP = DIALECTS = ("jssip", "sipjs", "drachtio", "pyvoip")

JSSIP_CODE = """var socket = new JsSIP.WebSocketInterface('wss://sip.acme.example:8089/ws');
var configuration = {
  sockets  : [ socket ],
  uri      : 'sip:100@acme.example',
  password : 'hunter22', // from the portal
};
var ua = new JsSIP.UA(configuration);
ua.start();
"""
JSSIP_FIELDS = {
    "user": "100",
    "secret": "hunter22",
    "auth_user": "",
    "effective_auth_user": "100",
    "domain": "acme.example",
    "host": "acme.example",
    "transport": "wss",
    "expiry": 600,
    "realm": "",
    "outbound_proxy": "wss://sip.acme.example:8089/ws",
    "register": True,
    "display_name": "",
}
SIPJS_CODE = """import { UserAgent, Registerer } from "sip.js";

const userAgent = new UserAgent({
  uri: UserAgent.makeURI("sip:100@acme.example"),
  transportOptions: { server: "wss://sip.acme.example:8089/ws" },
  authorizationUsername: "login",
  authorizationPassword: "hunter22",
});
const registerer = new Registerer(userAgent, { expires: 300 });
userAgent.start().then(() => registerer.register());
"""
SIPJS_FIELDS = {
    "user": "100",
    "secret": "hunter22",
    "auth_user": "login",
    "effective_auth_user": "login",
    "domain": "acme.example",
    "host": "acme.example",
    "transport": "wss",
    "expiry": 300,
    "outbound_proxy": "wss://sip.acme.example:8089/ws",
    "register": True,
    "display_name": "",
}
SIP_UA_CODE = """var userAgent = new SIP.UA({
  uri: '100@acme.example',
  wsServers: ['wss://sip.acme.example'],
  authorizationUser: 'login',
  password: 'hunter22'
});
"""
DRACHTIO_CODE = """srf.request('sip:sip.acme.example', {
  method: 'REGISTER',
  headers: {
    To: 'sip:100@acme.example',
    From: 'sip:100@acme.example',
    Contact: '<sip:200@localhost>;expires=300',
  },
  auth: { username: '100', password: 'hunter22' }
}, (err, req) => {
  req.on('response', (res) => { console.log(res.status); });
});
"""
DRACHTIO_FIELDS = {
    "user": "100",
    "secret": "hunter22",
    "auth_user": "100",
    "effective_auth_user": "100",
    "domain": "acme.example",
    "host": "sip.acme.example",
    "extension": "200",
    "expiry": 300,
    "outbound_proxy": "",
    "display_name": "",
}
PYVOIP_CODE = """from pyVoIP.VoIP import VoIPPhone, InvalidStateError

def answer(call):
    call.answer()

if __name__ == "__main__":
    phone = VoIPPhone("192.0.2.1", 5060, "100", "hunter22", myIP="192.0.2.2", callCallback=answer)
    phone.start()
"""
PYVOIP_FIELDS = {
    "user": "100",
    "secret": "hunter22",
    "effective_auth_user": "100",
    "domain": "192.0.2.1",
    "host": "192.0.2.1",
    "port": 5060,
    "transport": "udp",
    "extension": "100",
    "expiry": 120,
}
CALL = 'VoIPPhone("192.0.2.1", 5060, "100", "hunter22", myIP="192.0.2.2")'

GREEN = [
    (
        JSSIP,
        """import { UA, WebSocketInterface } from 'jssip';
new UA({
  sockets: new WebSocketInterface(`wss://h.example`), uri: "100@h.example", password: 'pa$$w0rd',
  session_timers: false, user_agent: 'x', register: true })""",
    ),
    (
        JSSIP,
        """const config: UAConfiguration = { uri: `sip:${ext}@${host}`, sockets: [socket], password } as any;
this.ua = new JsSIP.UA(config);""",
    ),
    (JSSIP, "const ua = new JsSIP.UA({ ...defaults, uri: 'sip:100@h.example' });"),
    (
        JSSIP,
        """new JsSIP.UA({
  sockets: [{ socket: new JsSIP.WebSocketInterface('wss://a.example'), weight: 1 },
    new JsSIP.WebSocketInterface('wss://b.example')],
  uri: 'sip:100@h.example', password: process.env.PASS, registrar_server: 'sip:h.example',
  authorization_user: '100', realm: 'h.example', register_expires: '300' })""",
    ),
    (
        JSSIP,
        """new JsSIP.UA({ sockets: [s], uri: 'sip:100@h.example', ha1: '0123456789abcdef0123456789abcdef',
  realm: 'h.example', display_name: '', contact_uri: 'sip:me@x.invalid;transport=ws' })""",
    ),
    (JSSIP, """new JsSIP.UA({ sockets: [s], uri: 'sip:100@h.example', password: 'it\\'s "me"', my_own: 1 })"""),
    (
        JSSIP,
        """<p>Don't call me, I'll call you</p>
<script>
  var socket = new JsSIP.WebSocketInterface('wss://pbx.h.example:8089/ws');
  socket.via_transport = "auto";
  var configuration = {
    'uri': 'sip:501@pbx.h.example', // my extension's uri
    'password': 'hunter22',
    'sockets': [ socket ],
  };
  phone = new JsSIP.UA(configuration);
</script>""",
    ),
    (
        SIPJS,
        """const uri = UserAgent.makeURI('sip:' + user + '@' + host);
if (!uri) throw new Error('x');
const ua = new UserAgent({
  uri, transportOptions, authorizationPassword: pass, authorizationUsername: user, logLevel: 'debug',
  sessionDescriptionHandlerFactoryOptions: { peerConnectionConfiguration: {} } });""",
    ),
    (
        SIPJS,
        """const simple = new SimpleUser('wss://h.example:7443', { aor: 'sip:100@h.example',
  delegate: { onCallReceived: async () => { await simple.answer(); } }, media: { remote: { audio } },
  userAgentOptions: { authorizationUsername: '100', authorizationPassword: 'hunter22' } });
simple.connect().then(() => simple.register());""",
    ),
    (
        SIPJS,
        """new SIP.WebRTC.Simple({ media: {}, ua: { traceSip: true, uri: '100@h.example',
  wsServers: 'wss://h.example', authorizationUser: '100', password: 'hunter22' } });""",
    ),
    (
        SIPJS,
        """new SIP.UA({ uri: 'sip:100@h.example', transportOptions: { wsServers: ['wss://h.example'] },
  authorizationUser: '100', password: 'hunter22', registerOptions: { expires: 300 } })""",
    ),
    (
        DRACHTIO,
        """srf.request({ uri: `sip:${domain}`, method: 'REGISTER', proxy: 'sip:192.0.2.1:5070',
  headers: { 'Contact': `<sip:${user}@localhost>;expires=${expires}`, 'X-Mine': 1 },
  auth: (req, res, callback) => callback(null, u, p) })""",
    ),
    (
        DRACHTIO,
        """const req = await srf.request(`sip:${trunk.host}`, {
  method: 'REGISTER', headers: { ...base }, auth: { username, password } });""",
    ),
    (
        DRACHTIO,
        """srf.uac('sips:192.0.2.1', { method: 'register',
  headers: { To: '"A" <sip:100@h.example>;tag=1', Expires: '3600' },
  auth: { username: '100', password: 'hunter22' } })""",
    ),
    (
        PYVOIP,
        """    self.phone = VoIPPhone(server=self.domain, port=int(self.port), username=user,
        password=os.environ['SIP_PASSWORD'], myIP=ip, sipPort=0)
    self.phone.start()
""",
    ),
    (
        PYVOIP,
        """HOST, PORT = "sip.h.example", 5060
phone = VoIPPhone(HOST, PORT, "alice.smith", f"hunter{22}", myIP=my_ip())
""",
    ),
    (
        PYVOIP,
        """kw = {"server": "pbx", "port": 5060, "username": "alice.smith", "password": r"pa\\ter", "myIP": IP}
VoIPPhone(**kw)
""",
    ),
]
"""Programs in which nothing is wrong."""
