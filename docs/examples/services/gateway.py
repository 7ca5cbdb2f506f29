"""Answers each request with what the store answers."""

import signal
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, store = int(sys.argv[1]), int(sys.argv[2])


class Gateway(BaseHTTPRequestHandler):
    def do_GET(self):
        with urllib.request.urlopen(f"http://localhost:{store}{self.path}") as reply:
            body = reply.read()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
server = ThreadingHTTPServer(("127.0.0.1", port), Gateway)
print(f"listening on {port}")
server.serve_forever()
