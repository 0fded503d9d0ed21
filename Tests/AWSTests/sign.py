"""Requests of all kinds with the signatures that botocore makes for them, as JSON: sign.py SEED COUNT."""
import datetime, json, random, sys, urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

generator = random.Random(int(sys.argv[1]))
letters = "abcXYZ019-._~ %+&=/?#:@!$'()*,;\"<>[]{}|\\^`éሴ😀"

def word(least, most, alphabet=letters):
    return "".join(generator.choice(alphabet) for _ in range(generator.randint(least, most)))

def case():
    date = datetime.datetime(2001, 1, 1) + datetime.timedelta(seconds=generator.randrange(10**9))
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: date
    service = generator.choice(["s3", "s3", "ecr", "service"])
    # An escaped slash in a path of S3 is read in two ways: botocore leaves it as it is, servers take it for a slash.
    named = letters.replace("/", "") if service == "s3" else letters
    segments = [generator.choice(["", ".", "..", word(1, 8, named), word(1, 8, named)]) for _ in range(generator.randint(0, 5))]
    path = "/" + "/".join(s if s in ("", ".", "..") else urllib.parse.quote(s, safe="-._~") for s in segments)
    names = {word(1, 4) for _ in range(generator.randint(0, 4))}
    pairs = [(name, word(0, 6)) for name in names]
    is_query = generator.random() < 0.4
    if pairs and not is_query and generator.random() < 0.5:
        pairs.append((pairs[0][0], word(0, 6)))
    query = "&".join(urllib.parse.quote(n, safe="-._~") + "=" + urllib.parse.quote(v, safe="-._~") for n, v in pairs)
    host = generator.choice(["h.example", "h.example:8443", "127.0.0.1:9000", "[::1]:9000"])
    url = f"https://{host}{path}" + (f"?{query}" if query else "")
    method = generator.choice(["GET", "PUT", "POST", "HEAD", "DELETE"])
    headers = [[f"X-Amz-Meta-{i}", word(0, 9, "ab  \"=,")] for i in range(generator.randint(0, 3))]
    if headers and generator.random() < 0.3:
        headers.append([headers[0][0], "again"])
    if generator.random() < 0.5:
        headers.append(["User-Agent", "changes on the way"])
    body = "" if is_query else word(0, 20)
    key = Credentials("AKID", "secret/" + word(0, 9, "abc+/"), generator.choice([None, "tok/" + word(0, 9, "a+/=")]))
    is_hashed = service != "s3" or (generator.random() < 0.5 and not is_query)
    request = AWSRequest(method=method, url=url, data=body.encode() or None)
    for name, value in headers:
        request.headers.add_header(name, value)
    request.context["client_config"] = Config(s3={"payload_signing_enabled": is_hashed})
    region = generator.choice(["us-east-1", "eu-central-1"])
    lifetime = generator.randint(1, 604800)
    if is_query:
        signer = botocore.auth.S3SigV4QueryAuth if service == "s3" else botocore.auth.SigV4QueryAuth
        signer(key, service, region, expires=lifetime).add_auth(request)
        expected = request.url
    else:
        signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        signer(key, service, region).add_auth(request)
        expected = request.headers["Authorization"]
    return {"method": method, "url": url, "headers": headers, "body": body, "isHashed": is_hashed, "service": service,
            "region": region, "id": key.access_key, "secret": key.secret_key, "token": key.token, "isQuery": is_query,
            "seconds": int((date - datetime.datetime(1970, 1, 1)).total_seconds()), "lifetime": lifetime,
            "expected": expected}

print(json.dumps([case() for _ in range(int(sys.argv[2]))]))
