"""`python webhook.py PORT FILE`: a web server as alerts meet one; each body that is posted becomes a line of FILE.

A line is `{"boottime_seconds": ..., "body": ...}`: when it came, by a clock that nobody can set, and what it said.
"""

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Webhook(BaseHTTPRequestHandler):
    """Takes what is posted; the file is named on the command line."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        came = time.clock_gettime(time.CLOCK_BOOTTIME)
        with Path(sys.argv[2]).open("a") as file:
            file.write(json.dumps({"boottime_seconds": came, "body": body}) + "\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's own spelling
        """Say nothing: the story is on the same terminal."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook).serve_forever()
