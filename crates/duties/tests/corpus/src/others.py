"""Home-grown scripts, what no reader knows, what is no alert, and what means harm."""
import base64
from build import jis, mail, multipart, part, raw

AT = "2026-05-01T00:00:00Z"


def homegrown():
    def backup(name, subject, body, how=None, **expect):
        mail(name, subject, body, frm="backup@ops.example.jp", to="backup@alerts.example.jp", reader="patterns", monitor="backup-script", **(how or {}), **expect)

    text = "サーバ: {h}\nジョブ: {j}\n結果: {r}\n重要度: 高\n時刻: 2026/05/01 09時00分00秒\n"
    backup("script-failed", "【バックアップ異常】bk01 日次", text.format(h="bk01", j="日次", r="失敗"), dict(charset="iso-2022-jp"), host="bk01", check="日次", state="problem", severity="critical", at=AT, group="bk-1")
    backup("script-ok", "【バックアップ正常】bk01 日次", text.format(h="bk01", j="日次", r="成功"), dict(charset="shift_jis", cte="base64"), host="bk01", check="日次", state="recovery", group="bk-1")
    backup("script-other-host", "【バックアップ異常】bk02 日次", text.format(h="bk02", j="日次", r="失敗"), dict(charset="euc-jp", how="raw", label=""), host="bk02", state="problem", group="bk-2")
    backup("script-fullwidth", "【バックアップ異常】ｂｋ０３ 月次", text.format(h="ｂｋ０３", j="月次", r="失敗"), host="ｂｋ０３", check="月次", state="problem", group="bk-3")
    mail("script-other-form", "作業予定の連絡", "来週の作業予定です。\n", frm="backup@ops.example.jp", to="backup@alerts.example.jp", reader="unknown", monitor="backup-script", state="unknown", note="patterns")
    batch = dict(frm="batch@ops.example.jp", to="alerts@example.jp", reader="patterns", monitor="batch-script")
    mail("script-batch-error", "batch result", "JOB=nightly HOST=ap01 STATE=NG LEVEL=critical ID=B-1 AT=2026-05-01 09:00:00\n", **batch, host="ap01", check="nightly", state="problem", severity="critical", at=AT, group="batch-1", names=["B-1"])
    mail("script-batch-ok", "batch result", "JOB=nightly HOST=ap01 STATE=OK LEVEL=info ID=B-1 AT=2026-05-01 09:00:00\n", **batch, state="recovery", group="batch-1")
    mail("script-batch-other", "batch result", "JOB=nightly HOST=ap01 STATE=NG LEVEL=critical ID=B-2 AT=2026-05-01 09:00:00\n", **batch, state="problem", group="batch-2")


def unknown():
    def one(name, subject, body="", how=None, **expect):
        mail(name, subject, body or "詳細は監視画面を見てください。\n", frm="ops@ops.example.jp", reader="unknown", **(how or {}), **expect)

    one("unknown-critical-tag", "[CRITICAL] replication lag on db01", state="problem", severity="critical", host="db01", group="u-repl")
    one("unknown-ok-tag", "[OK] replication lag on db01", state="recovery", host="db01", group="u-repl")
    one("unknown-other-host", "[CRITICAL] replication lag on db02", state="problem", host="db02", group="u-repl-2")
    one("unknown-numbers", "[WARNING] web01 load 12.5 at 09:00", state="problem", severity="warning", group="u-load")
    one("unknown-numbers-again", "[WARNING] web01 load 17.1 at 09:10", state="problem", group="u-load")
    one("unknown-not-ok", "web01 http is NOT OK", state="problem", host="web01")
    one("unknown-is-down", "web01.example.jp is down", state="problem", severity="critical", host="web01.example.jp", group="u-down")
    one("unknown-is-up", "web01.example.jp is up", state="recovery", host="web01.example.jp", group="u-down")
    one("unknown-plain", "weekly report of web01", state="unknown")
    one("unknown-ok-in-a-sentence", "is it ok to restart web01 tomorrow", state="unknown")
    one("unknown-empty-subject", "", "web05 stopped answering\n", state="unknown")
    one("unknown-ja-tag", "【障害】web01 応答なし", how=dict(charset="iso-2022-jp"), state="problem", host="web01", group="u-ja-web01")
    one("unknown-ja-tag-recovery", "【復旧】web01 応答なし", how=dict(charset="iso-2022-jp"), state="unknown")
    one("unknown-ja-recovered", "【復旧】web02 HTTP監視", how=dict(charset="shift_jis", cte="base64"), state="recovery", host="web02", group="u-ja-web02")
    one("unknown-ja-problem", "【異常】web02 HTTP監視", how=dict(charset="shift_jis", cte="base64"), state="problem", host="web02", group="u-ja-web02")
    one("unknown-ja-ending", "db01 のレプリケーションが停止しました", state="problem", host="db01", group="u-ja-db01")
    one("unknown-ja-ending-recovery", "db01 のレプリケーションが復旧しました", state="recovery", host="db01", group="u-ja-db01")
    one("unknown-ja-not-recovered", "db01 は復旧していません", state="problem", host="db01")
    one("unknown-ja-against", "【障害通知】web03 が復旧しました", state="recovery", host="web03")
    one("unknown-ja-contradiction", "【障害】web03 が復旧しました", state="unknown", host="web03")
    one("unknown-ja-detected", "ap01 でエラーを検知", how=dict(charset="euc-jp", how="raw", label=""), state="problem", host="ap01")
    one("unknown-ja-recovery-notice", "web04 復旧のお知らせ", how=dict(charset="iso-2022-jp"), state="recovery", host="web04", group="u-ja-web04")
    one("unknown-ja-problem-notice", "web04 障害発生のお知らせ", how=dict(charset="iso-2022-jp"), state="problem", host="web04", group="u-ja-web04")
    one("unknown-ja-recovery-seen", "【監視】web04 サーバ復旧検知", state="recovery", host="web04")
    one("unknown-ja-follow-up", "【続報】ネットワーク障害について", state="update")
    one("unknown-ja-partly", "【一部復旧】ネットワーク障害", state="problem")
    one("unknown-recovered", "web08 has recovered", state="recovery", host="web08", group="u-web08")
    one("unknown-not-responding", "web08 is not responding", state="problem", host="web08", group="u-web08")
    one("unknown-priority-tag", "[Normal] disk of db05 at 95%", state="unknown", host="db05")
    one("unknown-tag-with-grade", "[ALERT - Critical] CPU on vm-1 for project shop", state="problem", severity="critical", host="vm-1", group="u-gcp")
    one("unknown-tag-with-grade-resolved", "[RESOLVED - Critical] CPU on vm-1 for project shop", state="recovery", host="vm-1", group="u-gcp")
    one("unknown-fired", "Fired:Sev1 Azure Monitor Alert cpu-high on vm01", state="problem", host="vm01", group="u-azure")
    one("unknown-fired-resolved", "Resolved:Sev1 Azure Monitor Alert cpu-high on vm01", state="recovery", host="vm01", group="u-azure")
    one("unknown-arrow", "Check_MK: web01/CPU load OK -> CRIT", state="problem", severity="critical", host="web01", group="u-arrow")
    one("unknown-arrow-back", "Check_MK: web01/CPU load CRIT -> OK", state="recovery", host="web01", group="u-arrow")
    one("unknown-ok-or-ng", "OK/NG list of the night", state="unknown")
    one("unknown-ja-notice", "【お知らせ】定期メンテナンスについて", state="notice")
    one("unknown-ja-warning", "［警告］メモリ使用率 91%超過", "ホスト名：ＡＰ０２\n発生日時：2026年5月1日 9時00分00秒\n", state="problem", severity="warning", host="ＡＰ０２", at=AT)
    one("unknown-ja-halfwidth", "【緊急】ﾃﾞｨｽｸ障害 st02", how=dict(charset="iso-2022-jp"), state="problem", severity="critical", host="st02")
    mail("unknown-ja-forwarded", "【障害】web07 応答なし", "ping に応答しません\n", frm="ops@ops.example.jp", forward="quoted", reader="unknown", state="problem", host="web07")


def no_alerts():
    def one(name, subject, body, rule, how=None, **expect):
        mail(name, subject, body, standing="not_an_alert", standing_rule=rule, **dict(dict(reader="unknown", frm="sato@example.com"), **(how or {})), **expect)

    one("no-auto-reply", "Automatic reply: Problem: x", "I am away.\n", "automatic reply", dict(extra=["Auto-Submitted: auto-replied"]))
    one("no-vacation-ja", "自動返信: 障害メール", "本日は不在にしております。\n", "automatic reply", dict(extra=["Precedence: bulk"], charset="iso-2022-jp"))
    one("no-vacation-header", "不在通知", "休暇中です。\n", "automatic reply", dict(extra=["X-Autoreply: yes"]))
    one("no-precedence", "Re: your mail", "away\n", "automatic reply", dict(extra=["Precedence: auto_reply"]))
    one("no-bounce", "Undelivered Mail Returned to Sender", "This is the mail system at host mx.example.jp.\n", "bounce", dict(frm="MAILER-DAEMON@mx.example.jp", envelope={"from": None, "to": ["alerts@example.jp"]}))
    one("no-pagerduty", "[PagerDuty ALERT] You have 1 triggered incident", "Incident #1\n", "PagerDuty", dict(frm="no-reply@pagerduty.com"))
    one("no-own", "[Arayashiki] ledger of the day", "balanced\n", "our own", dict(frm="net@arayashiki.example.jp"))
    one("no-own-header", "something", "x\n", "our own", dict(extra=["X-Arayashiki: digest"]))
    one("no-null-sender", "[CRITICAL] web01", "x\n", "null sender", dict(envelope={"from": None, "to": ["alerts@example.jp"]}))
    hops = [f"Received: from a{n}.example.jp by b{n}.example.jp; Fri, 01 May 2026 09:00:00 +0900" for n in range(31)]
    one("no-loop", "[CRITICAL] web01", "x\n", "loop", dict(extra=hops))
    one("no-configured-rule", "【定期】日次レポート", "レポートです。\n", "daily reports", dict(frm="ops@ops.example.jp"))
    mail("suppressed-by-rule", "[CRITICAL] lab01 is down", "x\n", frm="ops@ops.example.jp", reader="unknown", standing="suppressed", standing_rule="lab", state="problem", host="lab01")
    mail("canary", "canary", "x\n", frm="net@arayashiki.example.jp", extra=["X-Arayashiki: canary", "X-Arayashiki-Canary: route-1.7f3a"], reader="unknown", standing="canary", standing_rule="route-1.7f3a")
    dsn = b"".join([b"From: MAILER-DAEMON@mx.example.jp\r\nTo: alerts@example.jp\r\nSubject: Delivery Status Notification (Failure)\r\nMessage-ID: <dsn@mx.example.jp>\r\n",
                    multipart("report; report-type=delivery-status", [part("It could not be delivered.\n", "us-ascii", ""), b"Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n",
                              b"Content-Type: message/rfc822\r\n\r\nFrom: zabbix@mon.example.jp\r\nSubject: Problem: Link down\r\n\r\nProblem started at 09:00:00 on 2026.05.01\r\nProblem name: Link down\r\nHost: sw01\r\nSeverity: High\r\nOriginal problem ID: 1\r\n"])])
    raw("no-dsn", dsn, envelope={"from": None, "to": ["alerts@example.jp"]}, standing="not_an_alert", standing_rule="report")
    mail("auto-generated-alert", "[CRITICAL] web01 is down", "x\n", frm="ops@ops.example.jp", extra=["Auto-Submitted: auto-generated", "Precedence: bulk"], reader="unknown", state="problem", standing="alert")


def hostile():
    head = b"From: a@example.jp\r\nTo: alerts@example.jp\r\nMessage-ID: <h@example.jp>\r\n"

    def one(name, data, **expect):
        raw("hostile-" + name, data, reader="unknown", **expect)

    one("empty", b"", state="unknown")
    one("no-headers", b"web01 is down\r\n\r\nplease look\r\n", state="unknown")
    one("only-newlines", b"\r\n\r\n\n\n\n", state="unknown")
    one("all-bytes", bytes(range(256)) * 16, state="unknown")
    one("nul-only", b"\x00" * 2048, state="unknown")
    one("endless-header", head + b"Subject: [CRITICAL] web01 is down\r\n" + b"X-A: " + b"a" * 100000 + b"\r\n\r\nx", state="problem")
    one("thousand-headers", head + b"Subject: [CRITICAL] web01 is down\r\n" + b"".join(b"X-%d: x\r\n" % n for n in range(1500)) + b"\r\nx", state="problem")
    one("long-subject", head + b"Subject: [CRITICAL] web01 " + "障害".encode() * 3000 + b"\r\n\r\nx", state="problem")
    nest = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(400))
    one("deep-multipart", head + b"Subject: [CRITICAL] web01 is down\r\n" + nest + b"x", state="problem")
    one("deep-rfc822", head + b"Subject: [CRITICAL] web01 is down\r\n" + b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" * 400 + b"\r\nx", state="problem")
    one("many-parts", head + b"Subject: [CRITICAL] web01 is down\r\n" + multipart("mixed", [b"Content-Type: text/plain\r\n\r\nx"] * 500), state="problem")
    one("boundary-lost", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nweb01 is down", state="problem", text_has="web01 is down")
    one("base64-broken", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Transfer-Encoding: base64\r\n\r\n****not base64 at all: (((( web01 ))))****", state="problem", text_has="web01")
    one("qp-broken", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n100=% of =ZZ web01=", state="problem", text_has="web01")
    one("charset-unknown", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Type: text/plain; charset=x-nobody-knows\r\n\r\n" + "障害です".encode("cp932"), state="problem", text_has="障害です", japanese=True)
    one("jis-without-end", head + b"Subject: " + jis("【障害】web01 応答なし")[:-3] + b"\r\n\r\n" + jis("停止しています")[:-3], state="problem", text_has="停止しています", japanese=True)
    one("escape-only", head + b"Subject: \x1b$B\x1b(B\x1b$B\x1b$@\x1b(J\r\n\r\n\x1b\x1b\x1b$B!", state="unknown")
    one("html-bomb", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Type: text/html\r\n\r\n" + b"<div><table><tr><td>" * 3000 + b"web01", state="problem")
    one("html-unclosed", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Type: text/html\r\n\r\n<html><body><style>web01 &#x110000; &#0; <a href='", state="problem")
    one("json-deep", head + b"Subject: AWS Notification Message\r\n\r\nAlarmName" + b'{"a":' * 5000, state="unknown")
    one("regex-food", head + b"Subject: " + b"[" * 2000 + b"OK" + b"]" * 2000 + b"\r\n\r\n" + b"a :: " * 5000, state="unknown")
    one("words-cut", head + b"Subject: =?utf-8?b?44CQ6Zqc5a6z44CRd2ViMDEg44GM5YGc5q2i44GX44G+44GX\r\n\r\nx", state="problem", japanese=True)
    one("words-nonsense", head + b"Subject: =?utf-8?b?!!!?= =?x?q?=?= =?utf-8?q?=zz?= [CRITICAL] web01\r\n\r\nx", state="unknown")
    one("words-many", head + b"Subject: " + b" ".join(b"=?utf-8?b?" + base64.b64encode(b"[CRITICAL] x") + b"?=" for _ in range(500)) + b"\r\n\r\nx", state="problem")
    one("header-without-colon", head + b"Subject: [CRITICAL] web01 is down\r\nrubbish without a colon\r\nDate: Fri, 01 May 2026 09:00:00 +0900\r\n\r\nbody", state="problem", note="header line")
    one("two-subjects", head + b"Subject: [CRITICAL] web01 is down\r\nSubject: [OK] web01 is up\r\n\r\nx", state="problem")
    one("future-date", head + b"Date: Fri, 01 May 2099 09:00:00 +0900\r\nSubject: [CRITICAL] web01 is down\r\n\r\nx", state="problem", note="header Date")
    one("fake-canary", head + b"X-Arayashiki-Canary: a b\x01c\xff\r\nSubject: [CRITICAL] web01 is down\r\n\r\nx", state="problem", standing="alert")
    one("cr-only", b"From: a@example.jp\rSubject: [CRITICAL] web01 is down\r\rbody", state="unknown")
    one("utf16", head + b"Subject: [CRITICAL] web01 is down\r\nContent-Type: text/plain; charset=utf-16\r\n\r\n" + "障害です".encode("utf-16"), state="problem", japanese=True)


def all_of_them():
    homegrown()
    unknown()
    no_alerts()
    hostile()
