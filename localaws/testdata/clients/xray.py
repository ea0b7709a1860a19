"""A service traced by the X-Ray SDK for Python. Its segments go to AWS_XRAY_DAEMON_ADDRESS by UDP.

GET /hop?via=URL,URL calls the first URL with the rest of them, and passes its status on; without a URL it answers 200.
It runs until stdin ends; its first line on stdout is its address.
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import requests
from aws_xray_sdk.core import patch, xray_recorder
from aws_xray_sdk.ext.util import construct_xray_header

xray_recorder.configure(service="python", sampling=False)
patch(["requests"])


def next_url(path):
    via = parse_qs(urlsplit(path).query).get("via", [""])[0]
    first, _, rest = via.partition(",")
    return f"{first}/hop?via={quote(rest, safe='')}" if first else None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        header = construct_xray_header(self.headers)
        sampled = header.sampled if header.sampled in (0, 1) else 1
        segment = xray_recorder.begin_segment(traceid=header.root, parent_id=header.parent, sampling=sampled)
        segment.put_http_meta("method", "GET")
        segment.put_http_meta("url", f"http://{self.headers['Host']}{self.path}")
        url = next_url(self.path)
        status = requests.get(url).status_code if url else 200
        segment.put_http_meta("status", status)
        xray_recorder.end_segment()  # before the answer: the caller may be waiting for the trace to be whole
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
server.shutdown()
