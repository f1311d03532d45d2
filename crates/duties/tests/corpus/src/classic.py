"""Zabbix, Nagios, Icinga 2, Munin, Monit, cron, smartd."""
from build import mail

AT, END = "2026-05-01T00:00:00Z", "2026-05-01T00:12:30Z"
ZBX = dict(frm="zabbix@mon.example.jp", frm_name="Zabbix", reader="zabbix", source="Zabbix default message templates")


def zbx_problem(name, host, severity, event, ops="95.2 %"):
    return (f"Problem started at 09:00:00 on 2026.05.01\nProblem name: {name}\nHost: {host}\nSeverity: {severity}\n"
            f"Operational data: {ops}\nOriginal problem ID: {event}\nhttps://zabbix.example.jp/tr_events.php?triggerid=1&eventid={event}\n")


def zbx_resolved(name, host, severity, event):
    return (f"Problem has been resolved at 09:12:30 on 2026.05.01\nProblem name: {name}\nProblem duration: 12m 30s\nHost: {host}\n"
            f"Severity: {severity}\nOriginal problem ID: {event}\n")


def zabbix():
    for n, (suffix, how) in enumerate((("", dict()), ("-jis", dict(charset="iso-2022-jp")), ("-sjis", dict(charset="shift_jis", cte="base64")),
                        ("-euc", dict(charset="euc-jp", cte="8bit")), ("-qp", dict(cte="quoted-printable", how="q")),
                        ("-b64", dict(cte="base64", how="split"))), 3100):
        name, host = "ディスク使用率が高い / 残り5%", f"db0{n - 3100}"
        mail(f"zabbix-problem-ja{suffix}", f"Problem: {name}", zbx_problem(name, host, "High", n), **ZBX, **how,
             host=host, check=name, state="problem", severity="critical", at=AT, group=f"zbx-ja{suffix}", names=[str(n)], title=name)
        mail(f"zabbix-resolved-ja{suffix}", f"Resolved in 12m 30s: {name}", zbx_resolved(name, host, "High", n), **ZBX, **how,
             host=host, check=name, state="recovery", severity="critical", at=END, group=f"zbx-ja{suffix}")
    name = "High CPU utilization (over 90% for 5m)"
    mail("zabbix-problem-en", f"Problem: {name}", zbx_problem(name, "web01", "Warning", 91), **ZBX, host="web01", check=name,
         state="problem", severity="warning", at=AT, group="zbx-91")
    mail("zabbix-problem-en-repeat", f"Problem: {name}", zbx_problem(name, "web01", "Warning", 91, "97 %"), **ZBX, host="web01",
         state="problem", group="zbx-91", date="Fri, 01 May 2026 09:10:02 +0900")
    mail("zabbix-problem-en-other-host", f"Problem: {name}", zbx_problem(name, "web02", "Disaster", 92), **ZBX, host="web02",
         state="problem", severity="critical", group="zbx-92")
    mail("zabbix-problem-en-later", f"Problem: {name}", zbx_problem(name, "web01", "Average", 99), **ZBX, host="web01",
         state="problem", severity="error", group="zbx-99")
    mail("zabbix-resolved-en", f"Resolved in 12m 30s: {name}", zbx_resolved(name, "web01", "Warning", 91), **ZBX, host="web01",
         state="recovery", at=END, group="zbx-91")
    mail("zabbix-resolved-4x", f"Resolved: {name}", zbx_resolved(name, "web01", "Warning", 91), **ZBX, state="recovery", group="zbx-91")
    mail("zabbix-other-server", f"Problem: {name}", zbx_problem(name, "web01", "Warning", 91), **dict(ZBX, frm="zabbix@b.example.com"),
         state="problem", group="zbx-b-91")
    mail("zabbix-update", f"Updated problem in 5m: {name}",
         "Sato Hanako acknowledged, commented problem at 2026.05.01 09:05:00.\nchecking now\n\nCurrent problem status is PROBLEM, age is 5m, acknowledged: Yes.\n",
         **ZBX, check=name, state="update", at="2026-05-01T00:05:00Z")
    mail("zabbix-update-ja", "Updated problem in 5m: メモリ不足",
         "佐藤 花子 acknowledged problem at 2026.05.01 09:05:00.\n調査中です\n\nCurrent problem status is PROBLEM, age is 5m, acknowledged: Yes.\n",
         **ZBX, charset="iso-2022-jp", check="メモリ不足", state="update")
    html = ("<b>Problem started</b> at 09:00:00 on 2026.05.01<br><b>Problem name:</b> Disk &lt;/var&gt; is full<br><b>Host:</b> db03<br>"
            "<b>Severity:</b> Disaster<br><b>Operational data:</b> 99 %<br><b>Original problem ID:</b> 4001<br>")
    mail("zabbix-html-only", "Problem: Disk </var> is full", html, **ZBX, html_only=True, host="db03", check="Disk </var> is full",
         state="problem", severity="critical", at=AT, group="zbx-4001")
    old = ("Trigger: Free disk space is less than 20% on volume /\nTrigger status: {0}\nTrigger severity: Warning\nTrigger URL: \n\nItem values:\n\n"
           "1. Free disk space on / (percentage) (app01:vfs.fs.size[/,pfree]): 15.2 %\n2. *UNKNOWN* (*UNKNOWN*:*UNKNOWN*): *UNKNOWN*\n\nOriginal event ID: 77\n")
    trigger = "Free disk space is less than 20% on volume /"
    mail("zabbix-3x-problem", f"PROBLEM: {trigger}", old.format("PROBLEM"), **ZBX, host="app01", check=trigger, state="problem",
         severity="warning", group="zbx-77")
    mail("zabbix-3x-ok", f"OK: {trigger}", old.format("OK"), **ZBX, host="app01", check=trigger, state="recovery", group="zbx-77")
    ja = "障害発生日時: 2026.05.01 09:00:00\nホスト名: {h}\nトリガー名: {n}\n深刻度: {s}\nイベントID: {e}\n監視値: 0\n"
    for tag, charset, cte, event in (("【障害】", "iso-2022-jp", "7bit", 501), ("[障害]", "shift_jis", "base64", 502), ("［障害］", "utf-8", "8bit", 503)):
        mail(f"zabbix-tag-problem-{event}", f"{tag} ap0{event % 10} httpd プロセス停止",
             ja.format(h=f"ap0{event % 10}", n="httpd プロセス停止", s="致命的な障害", e=event), **ZBX, charset=charset, cte=cte,
             host=f"ap0{event % 10}", check="httpd プロセス停止", state="problem", severity="critical", at=AT, group=f"zbx-{event}")
        mail(f"zabbix-tag-recovery-{event}", f"{tag.replace('障害', '復旧')} ap0{event % 10} httpd プロセス停止",
             ja.format(h=f"ap0{event % 10}", n="httpd プロセス停止", s="致命的な障害", e=event), **ZBX, charset=charset, cte=cte,
             state="recovery", group=f"zbx-{event}")
    mail("zabbix-fullwidth", "Ｐｒｏｂｌｅｍ： 応答時間〜遅延 −5秒", zbx_problem("応答時間〜遅延 −5秒", "ｗｅｂ０９", "Average", 510), **ZBX,
         host="ｗｅｂ０９", check="応答時間〜遅延 −5秒", state="problem", severity="error", group="zbx-510")
    service = "Problem started at 09:00:00 on 2026.05.01\nService problem name: shop is down\nService: Web shop\nSeverity: High\nOriginal problem ID: 88\nService description: shop\n"
    mail("zabbix-service", 'Service "Web shop" problem: shop is down', service, **ZBX, host="Web shop", check="shop is down",
         state="problem", severity="critical", at=AT, group="zbx-service")
    mail("zabbix-service-resolved", 'Service "Web shop" resolved in 3m: shop is down',
         service.replace("Problem started at", 'Service "Web shop" has been resolved at'), **ZBX, state="recovery", group="zbx-service")
    mail("zabbix-discovery", "Discovery: UP 192.0.2.77", "Discovery rule: Local network\n\nDevice IP: 192.0.2.77\nDevice DNS: \nDevice status: UP\n",
         **ZBX, host="192.0.2.77", state="notice")
    mail("zabbix-autoregistration", "Autoregistration: web77", "Host name: web77\nHost IP: 192.0.2.78\nAgent port: 10050\n", **ZBX,
         host="web77", state="notice")
    name = "ネットワーク断"
    mail("zabbix-forwarded-attached", f"Problem: {name}", zbx_problem(name, "sw01", "High", 601), **ZBX, forward="attached", host="sw01",
         check=name, state="problem", group="zbx-601", standing="alert")
    mail("zabbix-forwarded-quoted", f"Problem: {name}", zbx_problem(name, "sw01", "High", 601), **ZBX, forward="quoted", host="sw01",
         check=name, state="problem", group="zbx-601")
    mail("zabbix-forwarded-jis", f"Problem: {name}", zbx_problem(name, "sw02", "High", 602), **ZBX, charset="iso-2022-jp",
         forward="attached", host="sw02", state="problem", group="zbx-602")
    mail("zabbix-answered", f"Re: Problem: {name}", "調査します。佐藤\n\n> " + zbx_problem(name, "sw01", "High", 601).replace("\n", "\n> "), reader="zabbix",
         frm="sato@example.com", extra=["In-Reply-To: <zabbix-problem@mail.example.jp>"], host="sw01", state="update", note="answers")
    name = "①号機㈱髙島ﾊﾞｯｸｱｯﾌﾟ失敗"
    mail("zabbix-nec-letters", f"Problem: {name}", zbx_problem(name, "bk01", "High", 603), **ZBX, charset="iso-2022-jp",
         host="bk01", check=name, state="problem", group="zbx-603", title=name)
    for label in ("us-ascii", "", "iso-8859-1", "x-sjis", "utf-8"):
        mail(f"zabbix-label-{label or 'none'}", "Problem: 温度異常", zbx_problem("温度異常", "env01", "High", 604), **ZBX,
             charset="shift_jis", cte="8bit", how="raw", label=label, host="env01", check="温度異常", state="problem", group="zbx-604")
    mail("zabbix-lf-only", "Problem: 温度異常", zbx_problem("温度異常", "env02", "High", 605), **ZBX, lf=True, host="env02",
         state="problem", group="zbx-605")
    mail("zabbix-no-blank-line", "Problem: Link down", zbx_problem("Link down", "sw03", "High", 606), **ZBX, host="sw03",
         check="Link down", state="problem", note="blank line",
         change=lambda raw: raw.replace(b"8bit\r\n\r\n", b"8bit\r\n"))
    mail("zabbix-nul", "Problem: Link down", zbx_problem("Link down", "sw04", "High", 607), **ZBX, host="sw04", check="Link down",
         state="problem", note="NUL", change=lambda raw: raw.replace(b"Link down\r\nHost", b"Link\x00 down\r\nHo\x00st"))
    mail("zabbix-flowed", "Problem: Link down", zbx_problem("Link down", "sw05", "High", 608).replace("Operational data", " Operational data"),
         **ZBX, ctype="; format=flowed", host="sw05", state="problem", group="zbx-608")


NAG = dict(frm="nagios@mon.example.jp", reader="nagios", source="Nagios Core sample notification commands")


def nag(kind, host, state, info, service=None):
    top = f"***** Nagios *****\n\nNotification Type: {kind}\n\n"
    if service:
        return top + (f"Service: {service}\nHost: {host}\nAddress: 192.0.2.10\nState: {state}\n\nDate/Time: Fri May 1 09:00:00 JST 2026\n\n"
                      f"Additional Info:\n\n{info}\n")
    return top + f"Host: {host}\nState: {state}\nAddress: 192.0.2.10\nInfo: {info}\n\nDate/Time: Fri May 1 09:00:00 JST 2026\n"


def nagios():
    def service(name, kind, host, check, word, info, how=None, **expect):
        mail(name, f"** {kind} Service Alert: {host}/{check} is {word} **", nag(kind, host, word, info, check), **NAG, **(how or {}),
             host=host, check=check, **expect)

    def host(name, kind, host, word, info, how=None, **expect):
        mail(name, f"** {kind} Host Alert: {host} is {word} **", nag(kind, host, word, info), **NAG, **(how or {}), host=host, **expect)

    host("nagios-host-down", "PROBLEM", "web01", "DOWN", "PING CRITICAL - Packet loss = 100%", state="problem", severity="critical", at=AT, group="nag-web01")
    host("nagios-host-up", "RECOVERY", "web01", "UP", "PING OK - Packet loss = 0%", state="recovery", at=AT, group="nag-web01")
    host("nagios-host-unreachable", "PROBLEM", "web02", "UNREACHABLE", "(Host Check Timed Out)", state="problem", severity="critical", group="nag-web02")
    service("nagios-http-critical", "PROBLEM", "web01", "HTTP", "CRITICAL", "HTTP CRITICAL - 503", state="problem", severity="critical", at=AT, group="nag-web01-http")
    service("nagios-http-repeat", "PROBLEM", "web01", "HTTP", "CRITICAL", "HTTP CRITICAL - 504", state="problem", group="nag-web01-http")
    service("nagios-http-ok", "RECOVERY", "web01", "HTTP", "OK", "HTTP OK - 200", state="recovery", group="nag-web01-http")
    service("nagios-disk-warning", "PROBLEM", "db01", "DISK /var", "WARNING", "DISK WARNING - 12% free", state="problem", severity="warning", group="nag-db01-disk")
    service("nagios-unknown", "PROBLEM", "db01", "NRPE", "UNKNOWN", "no output", state="problem", severity="warning", group="nag-db01-nrpe")
    service("nagios-ack", "ACKNOWLEDGEMENT", "web01", "HTTP", "CRITICAL", "HTTP CRITICAL - 503", state="update", group="nag-web01-http")
    service("nagios-flapping", "FLAPPINGSTART", "web01", "HTTP", "CRITICAL", "flapping", state="update", group="nag-web01-http")
    host("nagios-downtime", "DOWNTIMESTART", "web01", "UP", "maintenance", state="update", group="nag-web01")
    service("nagios-ja-jis", "PROBLEM", "ap01", "ログ監視", "CRITICAL", "エラーが10件見つかりました", dict(charset="iso-2022-jp"), state="problem", severity="critical", group="nag-ap01-log")
    service("nagios-ja-jis-ok", "RECOVERY", "ap01", "ログ監視", "OK", "エラーはありません", dict(charset="iso-2022-jp"), state="recovery", group="nag-ap01-log")
    service("nagios-ja-sjis", "PROBLEM", "ap02", "バッチ", "CRITICAL", "夜間バッチが遅延しています", dict(charset="shift_jis", cte="base64"), state="problem", group="nag-ap02-batch")
    service("nagios-ja-euc-raw", "PROBLEM", "ap03", "バッチ", "WARNING", "処理件数が少ない", dict(charset="euc-jp", how="raw", label=""), state="problem", severity="warning", group="nag-ap03-batch")
    mail("nagios-own-subject", "【重要】監視アラート web03", nag("PROBLEM", "web03", "CRITICAL", "timeout", "SSH"), **NAG, host="web03", check="SSH",
         state="problem", severity="critical")
    mail("nagios-icinga1", "** PROBLEM Service Alert: web04/SSH is CRITICAL **", nag("PROBLEM", "web04", "CRITICAL", "timeout", "SSH").replace("Nagios", "Icinga"),
         **NAG, host="web04", check="SSH", state="problem")
    mail("nagios-forwarded", "** PROBLEM Service Alert: web05/SSH is CRITICAL **", nag("PROBLEM", "web05", "CRITICAL", "timeout", "SSH"), **NAG,
         forward="quoted", host="web05", check="SSH", state="problem", severity="critical")


ICI = dict(frm="icinga@mon.example.jp", reader="icinga2", source="Icinga 2 mail notification scripts")


def ici(state, host, info, service=None):
    what = f"{service} on {host}" if service else f"Host {host}"
    top = f"***** {'Service' if service else 'Host'} Monitoring on icinga.example.jp *****\n\n{what} is {state}!\n\nInfo:    {info}\n\nWhen:    2026-05-01 09:00:00 +0900\n"
    return top + (f"Service: {service}\n" if service else "") + f"Host:    {host}\nIPv4:    192.0.2.11\n"


def icinga():
    def one(name, kind, word, host, info, service=None, how=None, **expect):
        what = f"{service} on {host}" if service else f"Host {host}"
        mail(name, f"[{kind}] {what} is {word}!", ici(word, host, info, service), **ICI, **(how or {}), host=host, check=service, **expect)

    one("icinga2-http", "PROBLEM", "CRITICAL", "web01", "connect timed out", "HTTP", state="problem", severity="critical", at=AT, group="ici-http")
    one("icinga2-http-ok", "RECOVERY", "OK", "web01", "HTTP OK", "HTTP", state="recovery", group="ici-http")
    one("icinga2-http-ack", "ACKNOWLEDGEMENT", "CRITICAL", "web01", "connect timed out", "HTTP", state="update", group="ici-http")
    one("icinga2-host", "PROBLEM", "DOWN", "web02", "PING CRITICAL", state="problem", severity="critical", at=AT, group="ici-web02")
    one("icinga2-host-up", "RECOVERY", "UP", "web02", "PING OK", state="recovery", group="ici-web02")
    one("icinga2-warning", "PROBLEM", "WARNING", "db02", "load 12", "load", state="problem", severity="warning")
    one("icinga2-flapping", "FLAPPINGSTART", "WARNING", "db02", "load 12", "load", state="update")
    one("icinga2-downtime", "DOWNTIMEREMOVED", "OK", "db02", "load 2", "load", state="update")
    one("icinga2-ja", "PROBLEM", "CRITICAL", "ap01", "応答がありません", "死活監視", dict(charset="iso-2022-jp"), state="problem", severity="critical", group="ici-ja")
    one("icinga2-ja-ok", "RECOVERY", "OK", "ap01", "応答があります", "死活監視", dict(cte="base64"), state="recovery", group="ici-ja")


MUN = dict(frm="munin@mon.example.jp", reader="munin", source="Munin munin-limits default message")


def munin():
    def one(name, subject, text, how=None, **expect):
        mail(name, subject, text, **MUN, **(how or {}), **expect)

    top = "example.jp :: db01.example.jp :: Disk usage in percent\n"
    one("munin-critical", "Munin notification db01", top + "\tCRITICALs: /var is 98.02 (outside range [:98]).\n\tWARNINGs: / is 93.10 (outside range [:92]).\n",
        host="db01.example.jp", check="Disk usage in percent", state="problem", severity="critical", group="mun-disk")
    one("munin-warning", "Munin notification", top + "\tWARNINGs: / is 93.10 (outside range [:92]).\n\tOKs: /var is 40.00.\n",
        host="db01.example.jp", state="problem", severity="warning", group="mun-disk")
    one("munin-ok", "Munin notification db01", top + "\tOKs: / is 40.00, /var is 41.00.\n", state="recovery", group="mun-disk")
    one("munin-unknown", "Munin notification", "example.jp :: db02.example.jp :: Load average\n\tUNKNOWNs: load is unknown.\n",
        host="db02.example.jp", state="problem", severity="warning", group="mun-load")
    one("munin-other-graph", "Munin notification", "example.jp :: db01.example.jp :: Load average\n\tCRITICALs: load is 30.1 (outside range [:20]).\n",
        state="problem", group="mun-db01-load")
    one("munin-ja", "Munin 通知", "社内 :: db03.example.jp :: ディスク使用率\n\tCRITICALs: /var is 99.00 (outside range [:98]).\n", dict(charset="iso-2022-jp"),
        host="db03.example.jp", check="ディスク使用率", state="problem", severity="critical", group="mun-ja")
    one("munin-ja-ok", "Munin 通知", "社内 :: db03.example.jp :: ディスク使用率\n\tOKs: /var is 50.00.\n", dict(charset="euc-jp", how="raw"),
        state="recovery", group="mun-ja")


def monit():
    def one(name, event, service, description, how=None, subject=None, **expect):
        text = f"{event} Service {service} \n\n\tDate:        Fri, 01 May 2026 09:00:00\n\tAction:      alert\n\tHost:        web01.example.jp\n\tDescription: {description}\n\nYour faithful employee,\nMonit\n"
        mail(name, subject or f"monit alert --  {event} {service}", text, frm="monit@web01.example.jp", frm_name="Monit", reader="monit",
             source="Monit manual, default mail format", host="web01.example.jp", check=service, **(how or {}), **expect)

    one("monit-not-exist", "Does not exist", "nginx", "process is not running", state="problem", severity="critical", at=AT, group="monit-nginx")
    one("monit-exists", "Exists", "nginx", "process is running with pid 4711", state="recovery", group="monit-nginx")
    one("monit-connection", "Connection failed", "mysql", "failed protocol test [MYSQL] at [localhost]:3306", state="problem", severity="critical", group="monit-mysql")
    one("monit-connection-ok", "Connection succeeded", "mysql", "connection succeeded to [localhost]:3306", state="recovery", group="monit-mysql")
    one("monit-limit", "Resource limit matched", "system", "cpu usage of 96.0% matches resource limit", state="problem", severity="error", group="monit-cpu")
    one("monit-limit-ok", "Resource limit succeeded", "system", "cpu usage check succeeded", state="recovery", group="monit-cpu")
    one("monit-instance", "Monit instance changed", "system", "Monit 5.33 started", state="notice")
    one("monit-ja-subject", "Does not exist", "httpd", "プロセスが起動していません", dict(charset="iso-2022-jp"), subject="[障害] httpd 停止", state="problem", severity="critical")


def unix():
    cron = dict(reader="cron", source="cron's own mail (Vixie cron, cronie)")
    mail("cron-job", "Cron <root@web01> /usr/local/bin/backup.sh", "/usr/local/bin/backup.sh: line 3: rsync: command not found\n",
         frm="root@web01.example.jp", frm_name="Cron Daemon", extra=["X-Cron-Env: <SHELL=/bin/sh>", "Auto-Submitted: auto-generated", "Precedence: bulk"],
         **cron, host="web01", check="/usr/local/bin/backup.sh", state="problem", severity="warning", group="cron-1", standing="alert")
    mail("cron-job-again", "Cron <root@web01> /usr/local/bin/backup.sh", "rsync error: code 23\n", frm="root@web01.example.jp", **cron, state="problem", group="cron-1")
    mail("cron-other-user", "Cron <app@web01> /usr/local/bin/backup.sh", "x\n", frm="root@web01.example.jp", **cron, state="problem", group="cron-2")
    mail("cron-ja", "Cron <root@ap01> /opt/bin/集計.sh", "集計に失敗しました\n", frm="root@ap01.example.jp", charset="euc-jp", how="raw", label="", **cron,
         host="ap01", check="/opt/bin/集計.sh", state="problem", group="cron-3")
    mail("cron-null-sender", "Cron <root@web09> /usr/bin/certbot renew", "renewal failed\n", frm="root@web09.example.jp", to="cron@alerts.example.jp",
         envelope={"from": None, "to": ["cron@alerts.example.jp"]}, **cron, monitor="cron-servers", host="web09", state="problem", standing="alert")
    mail("anacron", "Anacron job 'cron.daily' on web02", "/etc/cron.daily/logrotate:\nerror: bad file\n", frm="root@web02.example.jp", **cron,
         host="web02", check="cron.daily", state="problem")
    smart = dict(reader="smartd", source="smartmontools smartd warning mail")
    text = ("This message was generated by the smartd daemon running on:\n\n   host name:  st01\n   DNS domain: example.jp\n\nThe following warning/error was logged by the smartd daemon:\n\n"
            "Device: /dev/sda [SAT], 8 Currently unreadable (pending) sectors\n\nDevice info:\nExample Disk 4TB, S/N:ABC123\n\nFor details see host's SYSLOG.\n")
    mail("smartd-pending", "SMART error (CurrentPendingSector) detected on host: st01", text, frm="root@st01.example.jp", **smart,
         host="st01", check="/dev/sda [SAT]", state="problem", severity="error", group="smart-1")
    mail("smartd-other-disk", "SMART error (CurrentPendingSector) detected on host: st01", text.replace("/dev/sda", "/dev/sdb"), frm="root@st01.example.jp",
         **smart, state="problem", group="smart-2")
    mail("smartd-failure", "SMART error (FailedHealthCheck) detected on host: st02", text.replace("8 Currently unreadable (pending) sectors", "FAILED SMART self-check. BACK UP DATA NOW!"),
         frm="root@st02.example.jp", **smart, host="st01", severity="critical", state="problem")
    mail("smartd-test", "SMART error (EmailTest) detected on host: st01", text.replace("Device: /dev/sda [SAT], 8 Currently unreadable (pending) sectors", "TEST EMAIL from smartd for device: /dev/sda"),
         frm="root@st01.example.jp", **smart, state="notice")


def all_of_them():
    zabbix()
    nagios()
    icinga()
    munin()
    monit()
    unix()
