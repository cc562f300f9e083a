"""Start a carrier, wait until it listens, let something log in to it, read what it saw."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from dialer import Dialer

with tempfile.TemporaryDirectory() as folder:
    ready_file = Path(folder, "ready.json")
    command = [sys.executable, "-m", "mockregistrar", "serve", "--json", "--ready-file", str(ready_file)]
    command += ["--listen", "udp:127.0.0.1:0"]  # any free port
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as carrier:
        carrier.stdout.readline()  # the `ready` event: the file is there, everything listens
        ready = json.loads(ready_file.read_text())
        account, place = ready["accounts"][0], ready["listening"][0]
        print("paste", account["registration_string"])

        dialer = Dialer(account["user"], account["secret"], place["host"], place["port"])
        print("granted", dialer.register())
        dialer.close()

        for line in carrier.stdout:
            event = json.loads(line)
            print("event", event["kind"])
            if event["kind"] == "registered":
                break
        carrier.terminate()
