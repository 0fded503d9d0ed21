"""A cloud of moto's on a port of its own; prints what a client needs as JSON.

One user may log in to ECR, another may do nothing; a role can be had for a web identity. With `strict`, signatures and
policies are looked at, and then there are no web identities: moto wants them signed.
"""
import json, sys, threading, urllib.request

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"
iam = boto3.client("iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")

def allowed(actions):
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

def user(name):
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

puller, stranger = user("puller"), user("stranger")
iam.put_user_policy(UserName="puller", PolicyName="login", PolicyDocument=allowed(["ecr:GetAuthorizationToken"]))
role = iam.create_role(RoleName="pod", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
iam.put_role_policy(RoleName="pod", PolicyName="login", PolicyDocument=allowed(["ecr:GetAuthorizationToken"]))
if "strict" in sys.argv:
    reset = urllib.request.Request(f"{url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}, method="POST")
    urllib.request.urlopen(reset).read()
print(json.dumps({"url": url, "puller": puller, "stranger": stranger, "role": role["Role"]["Arn"]}), flush=True)
threading.Event().wait()
