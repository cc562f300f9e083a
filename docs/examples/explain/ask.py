from mockregistrar import CannotRender, trunks

found = trunks.explain("register => 100:kD7mWq2x@sip.acme.example:5O60/100")

for read, meant in zip(found.parsed.registrations, found.parsed.meant, strict=True):
    print(f"port {read.port} is read, port {meant.port} was meant")
for finding in found.parsed.findings:
    print(f"{finding.code} {finding.severity} in column {finding.span.column}: {finding.message}")

trunk = trunks.Trunk(user="100", secret="kD7m;Wq2x", host="sip.acme.example")
print(trunks.render("asterisk-chan_sip", trunk))
try:
    trunks.render("vicidial", trunk)
except CannotRender as error:
    print(f"not for VICIdial: {error.why}")
