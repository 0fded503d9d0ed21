"""What stands beside a machine or a container, and services that answer as the path says; prints its port.

/imds/latest/…        IMDSv2, which wants its token; /norole/latest/… has no role, /mute/latest/… never answers
/container            credentials for who shows `Bearer pod`
/login/SECONDS        a password for ECR that ends so many seconds from now; /login/slow takes a moment
/gallery              the same as the public gallery answers
/flaky/COUNT          fails so often, and then is /login/3600
/refuses/STATUS/CODE  an error of JSON 1.1, with a message of two lines
/sts/CODE             an error of the token service
/seen                 how often each path was asked for, and the last header fields of each
"""
import base64, collections, http.server, json, threading, time

seen, fields, lock = collections.Counter(), {}, threading.Lock()

def lent(seconds):
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return {"Code": "Success", "AccessKeyId": "ASIALENT", "SecretAccessKey": "lent/secret", "Token": "lent/token",
            "Expiration": end}

def login(seconds, count):
    token = base64.b64encode(f"AWS:password-{count}".encode()).decode()
    return {"authorizationToken": token, "expiresAt": time.time() + seconds, "proxyEndpoint": "https://x"}

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body):
        body = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/seen":
            return self.answer(200, {"counts": dict(seen), "fields": fields})
        with lock:
            seen[self.path] += 1
            count = seen[self.path]
            fields[self.path] = {name.lower(): value for name, value in self.headers.items()}
        parts = self.path.split("/")[1:]
        if parts[0] in ("imds", "norole", "mute"):
            return self.metadata(parts[0], "/" + "/".join(parts[1:]))
        if parts[0] == "container":
            good = self.headers.get("Authorization") == "Bearer pod"
            return self.answer(200 if good else 401, lent(21600) if good else {"message": "who?"})
        if parts[0] == "gallery":
            return self.answer(200, {"authorizationData": login(3600, count)})
        if parts[0] == "login" or (parts[0] == "flaky" and count > int(parts[1])):
            if parts[1] == "slow":
                time.sleep(0.3)
            seconds = int(parts[1]) if parts[0] == "login" and parts[1] != "slow" else 3600
            return self.answer(200, {"authorizationData": [login(seconds, count)]})
        if parts[0] == "flaky":
            return self.answer(503, "later")
        if parts[0] == "refuses":
            name = f"com.amazon.coral.service#{parts[2]}:http://internal/"
            return self.answer(int(parts[1]), {"__type": name, "message": "first line\nsecret line"})
        if parts[0] == "sts":
            error = f"<Error><Type>Sender</Type><Code>{parts[1]}</Code><Message>it is so</Message></Error>"
            return self.answer(400, f'<ErrorResponse xmlns="https://sts.amazonaws.com/doc/">{error}</ErrorResponse>')
        self.answer(404, "nothing here")

    def metadata(self, kind, path):
        if kind == "mute":
            return threading.Event().wait(30)
        if path == "/latest/api/token":
            good = self.command == "PUT" and 1 <= int(self.headers["X-aws-ec2-metadata-token-ttl-seconds"]) <= 21600
            return self.answer(200 if good else 400, "metadata-token" if good else "")
        if self.headers.get("X-aws-ec2-metadata-token") != "metadata-token":
            return self.answer(401, "")
        base = "/latest/meta-data/iam/security-credentials/"
        if kind == "norole" or not path.startswith(base):
            return self.answer(404, "")
        self.answer(200, "wharf-role" if path == base else lent(21600) if path == base + "wharf-role" else "")

    do_POST = do_PUT = do_GET

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
