"""Drives the simulated Slack with Slack's own client library. The first argument is the line that `sandbox slack --json` prints.

Every check is an assertion; the end is the word "done". Reaches nothing but the simulator and a listener of its own.
"""

import http.server
import json
import queue
import sys
import threading
import urllib.request

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.webhook import WebhookClient

INFO = json.loads(sys.argv[1])
BASE = INFO["api_url"] + "/"
ALERTS = INFO["channels"]["alerts"]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def control(what, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{INFO['control_url']}/{what}", data=data)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)


def client(**more):
    return WebClient(token=INFO["bot_token"], base_url=BASE, **more)


def refused(act):
    try:
        act()
    except SlackApiError as error:
        return error.response
    raise AssertionError("it was taken")


def buttons():
    button = {"type": "button", "action_id": "ack", "value": "1", "text": {"type": "plain_text", "text": "Acknowledge"}}
    return [{"type": "actions", "block_id": "inc", "elements": [button]}]


def messages():
    own = client()
    assert own.auth_test()["team_id"] == INFO["team_id"]
    metadata = {"event_type": "incident", "event_payload": {"id": "i-1"}}
    posted = own.chat_postMessage(channel=ALERTS, text="disk full", blocks=buttons(), metadata=metadata)
    ts = posted["ts"]
    reply = own.chat_postMessage(channel=ALERTS, text="found", thread_ts=ts)
    own.chat_update(channel=ALERTS, ts=ts, text="resolved")
    history = own.conversations_history(channel=ALERTS, include_all_metadata=True, oldest=ts, inclusive=True)
    first = history["messages"][-1]
    assert (first["text"], first["metadata"], first["reply_count"]) == ("resolved", metadata, 1), first
    thread = own.conversations_replies(channel=ALERTS, ts=ts)["messages"]
    assert [m["ts"] for m in thread] == [ts, reply["ts"]], thread
    own.chat_postEphemeral(channel=ALERTS, user=INFO["users"]["hanako"]["id"], text="only you")
    own.chat_delete(channel=ALERTS, ts=reply["ts"])
    direct = own.conversations_open(users=INFO["users"]["yoko"]["id"])["channel"]["id"]
    assert own.chat_postMessage(channel=direct, text="to you")["channel"] == direct
    found = own.users_lookupByEmail(email=INFO["users"]["hanako"]["email"])
    assert found["user"]["id"] == INFO["users"]["hanako"]["id"]
    assert own.users_info(user=found["user"]["id"])["user"]["tz"] == "Asia/Tokyo"
    assert WebhookClient(INFO["webhook_url"]).send(text="by webhook").body == "ok"


def pages():
    own = client()
    seen = [user["id"] for page in own.users_list(limit=3) for user in page["members"]]
    assert sorted(seen) == sorted(user["id"] for user in INFO["users"].values()), seen
    for n in range(5):
        own.chat_postMessage(channel=ALERTS, text=f"page {n}")
    said = [m["text"] for page in own.conversations_history(channel=ALERTS, limit=2) for m in page["messages"]]
    assert said[:5] == [f"page {n}" for n in (4, 3, 2, 1, 0)], said
    names = [c["name"] for page in own.conversations_list(limit=1) for c in page["channels"]]
    assert names == ["alerts", "general"], names


def upload():
    own = client()
    parent = own.chat_postMessage(channel=ALERTS, text="with a picture")["ts"]
    done = own.files_upload_v2(
        channel=ALERTS, content=PNG, filename="graph.png", title="Load", initial_comment="see", thread_ts=parent
    )
    shown = own.conversations_replies(channel=ALERTS, ts=parent)["messages"][1]
    assert (shown["text"], shown["files"][0]["id"]) == ("see", done["file"]["id"]), shown
    with urllib.request.urlopen(f"{INFO['url']}/files/{done['file']['id']}", timeout=60) as reply:
        assert reply.read() == PNG


def errors():
    own = client()
    for word, act in [
        ("channel_not_found", lambda: own.chat_postMessage(channel="C0NONE", text="x")),
        ("not_in_channel", lambda: own.chat_postMessage(channel=INFO["channels"]["general"], text="x")),
        ("no_text", lambda: own.chat_postMessage(channel=ALERTS, text="")),
        ("invalid_blocks", lambda: own.chat_postMessage(channel=ALERTS, text="x", blocks=[{"type": "nonsense"}])),
        ("message_not_found", lambda: own.chat_update(channel=ALERTS, ts="1.000000", text="x")),
        ("users_not_found", lambda: own.users_lookupByEmail(email="nobody@example.com")),
        ("thread_not_found", lambda: own.conversations_replies(channel=ALERTS, ts="1.000000")),
        ("invalid_auth", lambda: WebClient(token="xoxb-wrong", base_url=BASE).auth_test()),
        ("not_allowed_token_type", lambda: own.apps_connections_open(app_token=INFO["bot_token"])),
    ]:
        assert refused(act)["error"] == word, word
    control("set", {"token": "revoked"})
    assert refused(lambda: own.auth_test())["error"] == "token_revoked"
    control("set", {"token": "active", "scopes": ["chat:write"]})
    told = refused(lambda: own.users_list())
    assert (told["error"], told["needed"]) == ("missing_scope", "users:read"), told
    full = "channels:history channels:read chat:write files:read files:write im:history im:read im:write users:read users:read.email"
    control("set", {"scopes": full.split()})


def limits():
    ts = client().chat_postMessage(channel=ALERTS, text="limited")["ts"]
    control("set", {"limits": {"chat.update": 1, "window_s": 1}})
    hasty = client()
    for _ in range(50):
        try:
            hasty.chat_update(channel=ALERTS, ts=ts, text="x")
        except SlackApiError as error:
            told = error.response
            break
    else:
        raise AssertionError("nothing was limited")
    assert (told.status_code, told["error"]) == (429, "ratelimited")
    assert int(told.headers["Retry-After"]) == 1
    patient = client(retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=10)])
    for n in range(2):
        assert patient.chat_update(channel=ALERTS, ts=ts, text=str(n))["ok"]
    control("set", {"limits": {"chat.update": 0, "window_s": 60}})


def socket():
    web = client()
    seen = queue.Queue()
    own = SocketModeClient(app_token=INFO["app_token"], web_client=web)

    def take(received, request):
        answer = {"text": "all is well"} if request.type == "slash_commands" else None
        received.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))
        seen.put(request)

    own.socket_mode_request_listeners.append(take)
    own.connect()
    web.chat_postMessage(channel=ALERTS, text="by socket", blocks=buttons())
    told = control("press", {"user": "hanako", "channel": "alerts", "action_id": "ack", "via": "socket"})
    request = seen.get(timeout=60)
    assert told["ok"] and request.type == "interactive", told
    assert request.payload["actions"][0]["action_id"] == "ack"
    told = control("command", {"user": "hanako", "channel": "alerts", "command": "/arayashiki", "via": "socket"})
    assert told["answered"]["did"] == "ephemeral" and seen.get(timeout=60).type == "slash_commands", told
    told = control("event", {"event": {"type": "app_mention", "text": "hello"}, "via": "socket"})
    assert told["ok"] and seen.get(timeout=60).payload["event"]["type"] == "app_mention", told
    own.close()


class Receiver(http.server.BaseHTTPRequestHandler):
    came = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        Receiver.came.put((dict(self.headers), body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Later(Clock):
    def __init__(self, seconds):
        self.seconds = seconds

    def now(self):
        return super().now() + self.seconds


def signatures():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    control("set", {"interactions_url": url, "commands_url": url, "events_url": url})
    verifier = SignatureVerifier(INFO["signing_secret"])
    client().chat_postMessage(channel=ALERTS, text="signed", blocks=buttons())
    press = {"user": "hanako", "channel": "alerts", "action_id": "ack"}
    event = {"event": {"type": "message", "text": "障害"}, "wait": True}
    command = {"user": "hanako", "channel": "alerts", "command": "/arayashiki", "text": "当番"}
    for what, body, is_good in [
        ("press", press, True),
        ("command", command, True),
        ("event", event, True),
        ("press", {**press, "wrong_signature": True}, False),
        ("press", {**press, "skew_s": -310}, False),
        ("command", {**command, "skew_s": 400}, False),
        ("press", {**press, "skew_s": -240}, True),
    ]:
        control(what, body)
        headers, body = Receiver.came.get(timeout=60)
        assert verifier.is_valid_request(body, headers) == is_good, (what, headers)
    told = control("press", press)
    first = Receiver.came.get(timeout=60)
    control("replay", {"id": told["id"]})
    again = Receiver.came.get(timeout=60)
    assert first[1] == again[1] and verifier.is_valid_request(again[1], again[0])
    late = SignatureVerifier(INFO["signing_secret"], clock=Later(310))
    assert not late.is_valid_request(again[1], again[0])
    server.shutdown()


for check in (messages, pages, upload, errors, limits, socket, signatures):
    print(check.__name__, flush=True)
    check()
print("done")
