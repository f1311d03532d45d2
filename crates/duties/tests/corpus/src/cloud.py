"""Amazon, Mackerel, Datadog, New Relic, Alertmanager, Grafana, uptime services."""
import json
from build import mail

AT = "2026-05-01T00:00:00Z"
SNS = dict(frm="no-reply@sns.amazonaws.com", frm_name="AWS Notifications")
FOOT = ("\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n"
        "https://sns.ap-northeast-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:ap-northeast-1:123456789012:alarms:1&Endpoint=alerts@example.jp\n")
ACCOUNT = "123456789012"


def cw_arn(name):
    return f"arn:aws:cloudwatch:ap-northeast-1:{ACCOUNT}:alarm:{name}"


def cw_text(name, old, new, dims="[InstanceId = i-0abc1234]", arn=True, description="CPU is high", account=ACCOUNT):
    return (f'You are receiving this email because your Amazon CloudWatch Alarm "{name}" in the Asia Pacific (Tokyo) region has entered the {new} state, '
            f'because "Threshold Crossed: 3 out of the last 3 datapoints [91.0, 92.0, 93.0] were greater than the threshold (80.0)." at "Friday 01 May, 2026 00:00:00 UTC".\n\n'
            f"View this alarm in the AWS Management Console:\nhttps://ap-northeast-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=ap-northeast-1#alarmsV2:alarm/x\n\n"
            f"Alarm Details:\n- Name:                       {name}\n- Description:                {description}\n- State Change:               {old} -> {new}\n"
            f"- Reason for State Change:    Threshold Crossed: 3 out of the last 3 datapoints\n- Timestamp:                  Friday 01 May, 2026 00:00:00 UTC\n"
            f"- AWS Account:                {account}\n" + (f"- Alarm Arn:                  {cw_arn(name)}\n" if arn else "") +
            f"\nThreshold:\n- The alarm is in the ALARM state when the metric is GreaterThanThreshold 80.0 for at least 3 of the last 3 period(s) of 60 seconds.\n\n"
            f"Monitored Metric:\n- MetricNamespace:                     AWS/EC2\n- MetricName:                          CPUUtilization\n- Dimensions:                          {dims}\n"
            f"- Period:                              60 seconds\n- Statistic:                           Average\n- Unit:                                not specified\n- TreatMissingData:                    missing\n\n\n"
            f"State Change Actions:\n- OK: \n- ALARM: [arn:aws:sns:ap-northeast-1:{ACCOUNT}:alarms]\n- INSUFFICIENT_DATA: \n" + FOOT)


def cloudwatch():
    cw = dict(SNS, reader="cloudwatch", source="Amazon CloudWatch alarm mails through Amazon SNS")

    def one(name, alarm, old, new, how=None, text=None, **expect):
        mail(name, f'{new}: "{alarm}" in Asia Pacific (Tokyo)'[:100], text or cw_text(alarm, old, new), check=alarm, **cw, **(how or {}), **expect)

    one("cloudwatch-alarm", "web-cpu", "OK", "ALARM", host="i-0abc1234", state="problem", at=AT, group="cw-web-cpu", names=[cw_arn("web-cpu")])
    one("cloudwatch-ok", "web-cpu", "ALARM", "OK", host="i-0abc1234", state="recovery", at=AT, group="cw-web-cpu")
    one("cloudwatch-insufficient", "web-cpu", "OK", "INSUFFICIENT_DATA", state="problem", severity="warning", group="cw-web-cpu")
    one("cloudwatch-other", "web-cpu-2", "OK", "ALARM", state="problem", group="cw-web-cpu-2")
    long = "production-" + "very-" * 18 + "long-name"
    one("cloudwatch-long-name", long, "OK", "ALARM", state="problem", group="cw-long")
    one("cloudwatch-without-arn", "old-alarm", "OK", "ALARM", text=cw_text("old-alarm", "OK", "ALARM", arn=False), state="problem", group="cw-old")
    one("cloudwatch-without-arn-ok", "old-alarm", "ALARM", "OK", text=cw_text("old-alarm", "ALARM", "OK", arn=False), state="recovery", group="cw-old")
    one("cloudwatch-without-arn-account", "old-alarm", "OK", "ALARM", text=cw_text("old-alarm", "OK", "ALARM", arn=False, account="210987654321"), state="problem", group="cw-old-b")
    one("cloudwatch-ja", "本番-DB-CPU高負荷", "OK", "ALARM", dict(cte="base64"), state="problem", group="cw-ja",
        text=cw_text("本番-DB-CPU高負荷", "OK", "ALARM", "[DBInstanceIdentifier = prod-db]", description="データベースの負荷が高い"), host="prod-db")
    one("cloudwatch-ja-ok", "本番-DB-CPU高負荷", "ALARM", "OK", dict(cte="quoted-printable", how="q"), state="recovery", group="cw-ja",
        text=cw_text("本番-DB-CPU高負荷", "ALARM", "OK", "[DBInstanceIdentifier = prod-db]", description="データベースの負荷が高い"))
    one("cloudwatch-dims", "alb-5xx", "OK", "ALARM", text=cw_text("alb-5xx", "OK", "ALARM", "[TargetGroup = targetgroup/tg/1, LoadBalancer = app/web/2]"),
        host="app/web/2", state="problem")
    body = {"AlarmName": "web-cpu", "AlarmDescription": None, "AWSAccountId": ACCOUNT, "NewStateValue": "ALARM", "OldStateValue": "OK",
            "NewStateReason": "Threshold Crossed", "StateChangeTime": "2026-05-01T00:00:00.000+0000", "Region": "Asia Pacific (Tokyo)", "AlarmArn": cw_arn("web-cpu"),
            "Trigger": {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Dimensions": [{"name": "InstanceId", "value": "i-0abc1234"}]}}
    one("cloudwatch-json", "web-cpu", "OK", "ALARM", text=json.dumps(body), host="i-0abc1234", state="problem", at=AT, group="cw-web-cpu")
    sns = {"Type": "Notification", "MessageId": "1", "TopicArn": f"arn:aws:sns:ap-northeast-1:{ACCOUNT}:alarms", "Subject": "x", "Message": json.dumps(dict(body, NewStateValue="OK"))}
    one("cloudwatch-json-in-sns", "web-cpu", "ALARM", "OK", text=json.dumps(sns, indent=2), state="recovery", group="cw-web-cpu")
    math = dict(body, AlarmName="error-rate", AlarmArn=cw_arn("error-rate"), Trigger={"Metrics": [{"Id": "e1", "Expression": "m1/m2"}, {"Id": "m1", "MetricStat": {
        "Metric": {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Dimensions": [{"value": "checkout", "name": "FunctionName"}]}, "Period": 60, "Stat": "Sum"}}]})
    one("cloudwatch-math", "error-rate", "OK", "ALARM", text=json.dumps(math), host="checkout", state="problem", group="cw-math")
    composite = dict(body, AlarmName="shop-down", AlarmArn=cw_arn("shop-down"), AlarmRule="ALARM(a) AND ALARM(b)", NewStateReason="a transitioned to ALARM")
    del composite["Trigger"]
    one("cloudwatch-composite", "shop-down", "OK", "ALARM", text=json.dumps(composite), state="problem", group="cw-composite")
    event = {"version": "0", "id": "1", "detail-type": "CloudWatch Alarm State Change", "source": "aws.cloudwatch", "account": ACCOUNT, "time": "2026-05-01T00:00:01Z",
             "region": "ap-northeast-1", "resources": [cw_arn("web-cpu")], "detail": {"alarmName": "web-cpu", "state": {"value": "OK", "reason": "ok", "timestamp": "2026-05-01T00:00:00.000+0000"}, "previousState": {"value": "ALARM"}}}
    mail("cloudwatch-eventbridge", "AWS Notification Message", json.dumps(event) + FOOT, **cw, check="web-cpu", state="recovery", at=AT, group="cw-web-cpu")
    one("cloudwatch-tagged", "web-cpu", "OK", "ALARM", state="problem", group="cw-web-cpu", change=lambda raw: raw.replace(b"Subject: ALARM", b"Subject: [prod] ALARM"))
    mail("cloudwatch-forwarded", 'ALARM: "web-cpu" in Asia Pacific (Tokyo)', cw_text("web-cpu", "OK", "ALARM"), **cw, forward="quoted", check="web-cpu", state="problem", group="cw-web-cpu")


def amazon():
    def health(name, arn, category, status, code, **expect):
        value = {"version": "0", "id": "7", "detail-type": "AWS Health Event", "source": "aws.health", "account": ACCOUNT, "time": AT, "region": "ap-northeast-1", "resources": ["i-0abc1234"],
                 "detail": {"eventArn": f"arn:aws:health:ap-northeast-1::event/EC2/{code}/{arn}", "service": "EC2", "eventTypeCode": code, "eventTypeCategory": category, "statusCode": status,
                            "startTime": "Fri, 1 May 2026 00:00:00 GMT", "endTime": "Fri, 1 May 2026 02:00:00 GMT", "eventDescription": [{"language": "ja_JP", "latestDescription": "影響を調査しています。"}],
                            "affectedEntities": [{"entityValue": "i-0abc1234", "status": "IMPAIRED"}], "affectedAccount": ACCOUNT}}
        mail(name, "AWS Notification Message", json.dumps(value, ensure_ascii=False) + FOOT, **SNS, reader="aws_health", source="AWS Health events of Amazon EventBridge",
             host="i-0abc1234", check=code, cte="base64", **expect)

    health("health-issue", "a1", "issue", "open", "AWS_EC2_OPERATIONAL_ISSUE", state="problem", severity="critical", at=AT, group="health-a1")
    health("health-closed", "a1", "issue", "closed", "AWS_EC2_OPERATIONAL_ISSUE", state="recovery", at="2026-05-01T02:00:00Z", group="health-a1")
    health("health-other", "a2", "investigation", "open", "AWS_EC2_OPERATIONAL_ISSUE", state="problem", group="health-a2")
    health("health-scheduled", "a3", "scheduledChange", "upcoming", "AWS_EC2_INSTANCE_REBOOT_MAINTENANCE_SCHEDULED", state="notice", severity="warning")
    health("health-account", "a4", "accountNotification", "open", "AWS_EC2_SERVICE_NOTICE", state="notice", severity="info")

    def rds(name, source, code, message, text=False, **expect):
        value = {"Event Source": "db-instance", "Event Time": "2026-05-01 00:00:00.000", "Identifier Link": f"https://console.aws.amazon.com/rds/home?region=ap-northeast-1#dbinstance:id={source}",
                 "Source ID": source, "Source ARN": f"arn:aws:rds:ap-northeast-1:{ACCOUNT}:db:{source}", "Event ID": f"http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#{code}", "Event Message": message}
        lines = (f"Event Source : db-instance\nIdentifier Link: {value['Identifier Link']}\nSourceId: {source}\nNotification time: 2026-05-01 00:00:00.000\nMessage : {message}\nEvent ID : {value['Event ID']}\n")
        mail(name, "RDS Notification Message", lines if text else json.dumps(value), **SNS, reader="aws_rds", source="Amazon RDS event notifications", host=source, check=code, at=AT, **expect)

    rds("rds-shutdown", "prod-db", "RDS-EVENT-0004", "DB instance shutdown", state="problem", severity="critical", group="rds-prod-shutdown")
    rds("rds-restarted", "prod-db", "RDS-EVENT-0006", "DB instance restarted", state="recovery", group="rds-prod-shutdown")
    rds("rds-failover", "prod-db", "RDS-EVENT-0013", "Multi-AZ instance failover started.", state="problem", group="rds-prod-failover")
    rds("rds-failover-done", "prod-db", "RDS-EVENT-0049", "Multi-AZ instance failover completed", state="recovery", group="rds-prod-failover")
    rds("rds-other-db", "stage-db", "RDS-EVENT-0013", "Multi-AZ instance failover started.", state="problem", group="rds-stage-failover")
    rds("rds-backup", "prod-db", "RDS-EVENT-0002", "Finished DB Instance backup", state="notice")
    rds("rds-storage", "prod-db", "RDS-EVENT-0007", "Allocated storage has been exhausted", state="problem", severity="critical", group="rds-prod-storage")
    rds("rds-new-code", "prod-db", "RDS-EVENT-9999", "Something that nobody knows yet", state="unknown")
    rds("rds-lines", "old-db", "RDS-EVENT-0004", "DB instance shutdown", text=True, state="problem", group="rds-old")
    rds("rds-lines-restarted", "old-db", "RDS-EVENT-0006", "DB instance restarted", text=True, state="recovery", group="rds-old")
    mail("rds-subscribed", "RDS Notification Message", "This is a message to notify that RDS will attempt to send you event notifications via this SNS topic.\n" + FOOT, **SNS,
         reader="aws_rds", source="Amazon RDS event notifications", state="notice")

    def scaling(name, event, description, status, as_json=False, **expect):
        value = {"Service": "AWS Auto Scaling", "Time": "2026-05-01T00:00:00.000Z", "RequestId": "r1", "Event": event, "AccountId": ACCOUNT, "AutoScalingGroupName": "web-asg",
                 "AutoScalingGroupARN": f"arn:aws:autoscaling:ap-northeast-1:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/web-asg", "ActivityId": "a1", "Description": description,
                 "Cause": "At 2026-05-01T00:00:00Z an instance was started in response to a difference between desired and actual capacity.", "StatusCode": status, "StatusMessage": "", "EC2InstanceId": "i-0abc1234"}
        lines = "".join(f"{key}: {text}\n" for key, text in value.items())
        mail(name, f'Auto Scaling: {"launch" if "LAUNCH" in event else "termination"} for group "web-asg"', json.dumps(value) if as_json else lines + FOOT, **SNS,
             reader="aws_autoscaling", source="Amazon EC2 Auto Scaling SNS notifications", host="web-asg", check=event, at=AT, **expect)

    scaling("asg-launch", "autoscaling:EC2_INSTANCE_LAUNCH", "Launching a new EC2 instance: i-0abc1234", "InProgress", state="notice")
    scaling("asg-terminate", "autoscaling:EC2_INSTANCE_TERMINATE", "Terminating EC2 instance: i-0abc1234", "InProgress", as_json=True, state="notice")
    scaling("asg-launch-error", "autoscaling:EC2_INSTANCE_LAUNCH_ERROR", "Launching a new EC2 instance. Status Reason: no capacity", "Failed", state="problem", severity="error", group="asg-launch")
    scaling("asg-launch-error-json", "autoscaling:EC2_INSTANCE_LAUNCH_ERROR", "Launching a new EC2 instance. Status Reason: no capacity", "Failed", as_json=True, state="problem", group="asg-launch")
    scaling("asg-terminate-error", "autoscaling:EC2_INSTANCE_TERMINATE_ERROR", "Terminating EC2 instance", "Failed", state="problem", group="asg-terminate")
    mail("sns-confirmation", "AWS Notification - Subscription Confirmation", "You have chosen to subscribe to the topic:\narn:aws:sns:ap-northeast-1:123456789012:alarms\n\nTo confirm this subscription, click or visit the link below:\n"
         "https://sns.ap-northeast-1.amazonaws.com/confirmation.html?Token=1\n", **SNS, reader="unknown", standing="not_an_alert", standing_rule="confirm")


def mackerel():
    def one(name, word, monitor, host, alert, how=None, subject=None, **expect):
        text = (f"監視ルール: {monitor}\nホスト: {host}\nロール: shop: web\nメトリック: cpu% 95.2 > 90\n発生日時: 2026-05-01 09:00:00\n\nアラートの詳細:\nhttps://mackerel.io/orgs/example-shop/alerts/{alert}\n")
        mail(name, subject or f"[Mackerel] {word}: {monitor} at {host} (example-shop)", text, frm="no-reply@mackerel.io", frm_name="Mackerel", reader="mackerel",
             source="synthetic, after the chat notifier of Mackerel's help", host=host, check=monitor, **(how or {}), **expect)

    one("mackerel-critical", "CRITICAL", "CPU使用率", "app01", "2bjAAAAAAAA", state="problem", severity="critical", at=AT, group="mkr-1", names=["2bjAAAAAAAA"])
    one("mackerel-warning", "WARNING", "CPU使用率", "app01", "2bjAAAAAAAA", state="problem", severity="warning", group="mkr-1")
    one("mackerel-ok", "OK", "CPU使用率", "app01", "2bjAAAAAAAA", state="recovery", group="mkr-1")
    one("mackerel-other", "CRITICAL", "CPU使用率", "app02", "2bjBBBBBBBB", dict(cte="base64"), state="problem", group="mkr-2")
    one("mackerel-jis", "CRITICAL", "死活監視", "db01", "2bjCCCCCCCC", dict(charset="iso-2022-jp"), state="problem", severity="critical", group="mkr-3")
    one("mackerel-jis-ok", "OK", "死活監視", "db01", "2bjCCCCCCCC", dict(charset="iso-2022-jp"), state="recovery", group="mkr-3")
    one("mackerel-org-tag", "CRITICAL", "外形監視", "shop.example.jp", "2bjDDDDDDDD", subject="[example-shop] CRITICAL: 外形監視 at shop.example.jp", state="problem", group="mkr-4")
    one("mackerel-unknown", "UNKNOWN", "チェック監視", "app03", "2bjEEEEEEEE", state="problem", severity="warning", group="mkr-5")
    html = '<p>CRITICAL: <b>iowait</b></p><table><tr><td>ホスト: app09</td></tr><tr><td>監視ルール: iowait</td></tr></table><a href="https://mackerel.io/orgs/example-shop/alerts/2bjFFFFFFFF">アラートを見る</a>'
    mail("mackerel-html", "[Mackerel] CRITICAL: iowait at app09", html, html_only=True, cte="base64", frm="no-reply@mackerel.io", reader="mackerel", host="app09", check="iowait",
         state="problem", severity="critical", group="mkr-6")


def datadog():
    def one(name, subject, monitor=1234567, scope=None, how=None, **expect):
        link = f"https://app.datadoghq.com/monitors/{monitor}" + (f"?group={scope}" if scope else "")
        text = f"High CPU was detected.\n\nThe monitor was last triggered at Fri May 01 2026 00:00:00 UTC.\n\n[Monitor Status]({link}) [Edit Monitor](https://app.datadoghq.com/monitors/{monitor}/edit)\n"
        mail(name, subject, text, frm="alert@dtdg.co", frm_name="Datadog Alerting", reader="datadog", source="Datadog monitor notifications (titles in the documentation)", **(how or {}), **expect)

    one("datadog-triggered", "[P1] [Triggered on {host:web01}] CPU is high", host="web01", check="CPU is high", state="problem", severity="critical", group="dd-web01")
    one("datadog-recovered", "[P1] [Recovered on {host:web01}] CPU is high", host="web01", state="recovery", group="dd-web01")
    one("datadog-re-triggered", "[P1] [Re-Triggered on {host:web01}] CPU is high", state="problem", group="dd-web01")
    one("datadog-other-group", "[P1] [Triggered on {host:web02}] CPU is high", host="web02", state="problem", group="dd-web02")
    one("datadog-warn", "[P3] [Warn on {env:prod,host:db01}] Disk is filling", 222, host="db01", state="problem", severity="warning", group="dd-db01")
    one("datadog-recovered-order", "[P3] [Recovered on {host:db01,env:prod}] Disk is filling", 222, state="recovery", group="dd-db01")
    one("datadog-no-data", "[No Data] heartbeat of batch", 333, state="problem", severity="warning", group="dd-batch")
    one("datadog-recovered-simple", "[Recovered] heartbeat of batch", 333, state="recovery", group="dd-batch")
    one("datadog-old", "[Monitor Alert] Triggered: CPU is high on host:web03", 444, "host%3Aweb03", host="web03", state="problem", group="dd-old")
    one("datadog-old-recovered", "[Monitor Alert] Recovered: CPU is high on host:web03", 444, "host%3Aweb03", host="web03", state="recovery", group="dd-old")
    one("datadog-test", "[TEST] [P2] [Triggered on {host:web01}] CPU is high", 555, state="notice")
    one("datadog-ja", "[P2] [Triggered on {host:ap01}] 応答時間が遅い", 666, how=dict(cte="base64"), host="ap01", check="応答時間が遅い", state="problem", severity="error", group="dd-ja")
    one("datadog-ja-recovered", "[P2] [Recovered on {host:ap01}] 応答時間が遅い", 666, how=dict(how="split"), state="recovery", group="dd-ja")


def newrelic():
    def one(name, subject, state_word, uuid="0ea2df1c-adab-45d2-aae0-042b609d2322", how=None, **expect):
        text = (f"Issue state: {state_word}\nPriority: CRITICAL\nTitle: Error rate above 5%\nImpacted entities: checkout\nCondition: Error rate\nPolicy: Shop\nCreated at: 2026-05-01 00:00:00 UTC\n\n"
                f"https://radar-api.service.newrelic.com/accounts/1/issues/{uuid}?notifier=EMAIL\n")
        mail(name, subject, text, frm="noreply@notifications.newrelic.com", frm_name="New Relic", reader="newrelic", source="synthetic, after New Relic's message template variables", host="checkout",
             check="Error rate", title="Error rate above 5%", **(how or {}), **expect)

    one("newrelic-activated", "[CRITICAL] Issue ACTIVATED: Error rate above 5%", "ACTIVATED", state="problem", severity="critical", at=AT, group="nr-1")
    one("newrelic-ack", "Issue ACKNOWLEDGED: Error rate above 5%", "ACKNOWLEDGED", state="update", group="nr-1")
    one("newrelic-closed", "Issue CLOSED: Error rate above 5%", "CLOSED", state="recovery", group="nr-1")
    one("newrelic-other", "Error rate above 5%", "CREATED", "1ea2df1c-adab-45d2-aae0-042b609d2322", state="problem", group="nr-2")
    mail("newrelic-closed-in-title", "Connection closed unexpectedly", "https://one.newrelic.com/alerts/issue?issueId=3ea2df1c-adab-45d2-aae0-042b609d2322\n",
         frm="noreply@notifications.newrelic.com", reader="newrelic", state="problem", title="Connection closed unexpectedly", group="nr-4")
    mail("newrelic-resolved-tag", "[CLOSED] Connection closed unexpectedly", "https://one.newrelic.com/alerts/issue?issueId=3ea2df1c-adab-45d2-aae0-042b609d2322\n",
         frm="noreply@notifications.newrelic.com", reader="newrelic", state="recovery", group="nr-4")
    one("newrelic-ja-subject", "【New Relic】エラー率が上昇", "ACTIVATED", "2ea2df1c-adab-45d2-aae0-042b609d2322", state="problem", group="nr-3")


def prometheus():
    def labels(host, severity="critical", name="HighCPU"):
        return f"Labels\nalertname = {name}\ninstance = {host}:9100\njob = node\nseverity = {severity}\nAnnotations\nsummary = CPU of {host} is high\nSource: https://prometheus.example.jp/graph\n"

    def am(name, subject, body, how=None, **expect):
        text = f"1 alert for alertname=HighCPU\n\nView in Alertmanager: https://am.example.jp/#/alerts\n\n{body}\nSent by Alertmanager\n"
        mail(name, subject, text, frm="alertmanager@mon.example.jp", reader="alertmanager", source="Prometheus Alertmanager default.tmpl and email.tmpl", **(how or {}), **expect)

    am("alertmanager-firing", "[FIRING:1] HighCPU (web01:9100 node critical)", "Firing\n" + labels("web01"), host="web01", check="HighCPU", state="problem", severity="critical", group="am-highcpu")
    am("alertmanager-two", "[FIRING:2] HighCPU (node critical)", "Firing\n" + labels("web01") + labels("web02"), check="HighCPU", state="problem", group="am-highcpu")
    am("alertmanager-resolved", "[RESOLVED] HighCPU (web01:9100 node critical)", "Resolved\n" + labels("web01"), state="recovery", group="am-highcpu")
    am("alertmanager-other", "[FIRING:1] DiskFull (db01:9100 node warning)", "Firing\n" + labels("db01", "warning", "DiskFull"), host="db01", state="problem", severity="warning", group="am-diskfull")
    am("alertmanager-no-group", "[FIRING:1]  (HighCPU web09:9100 node critical)", labels("web09"), state="problem", group="am-none")
    am("alertmanager-ja", "[FIRING:1] 応答遅延 (ap01:9100 node critical)", "Firing\n" + labels("ap01", name="応答遅延"), dict(charset="iso-2022-jp"), host="ap01", check="応答遅延", state="problem", group="am-ja")
    html = ("<html><head><style>body { color: red }</style></head><body><table><tr><td><b>1 alert for alertname=HighCPU</b></td></tr><tr><td><a href='https://am.example.jp/#/alerts'>View in Alertmanager</a></td></tr>"
            "<tr><td><strong>[1] Firing</strong></td></tr><tr><td><strong>Labels</strong><br/>alertname = HighCPU<br/>instance = web10:9100<br/>severity = critical<br/></td></tr></table></body></html>")
    mail("alertmanager-html", "[FIRING:1] HighCPU web10 (critical)", html, html_only=True, cte="quoted-printable", frm="alertmanager@mon.example.jp", reader="alertmanager",
         source="Prometheus Alertmanager default.tmpl and email.tmpl", host="web10", check="HighCPU", state="problem", severity="critical", group="am-html")

    def gf(name, subject, body, how=None, **expect):
        mail(name, subject, body + "\nSent by Grafana v11.2.0\n", frm="grafana@mon.example.jp", frm_name="Grafana", reader="grafana", source="Grafana alerting default notification templates", **(how or {}), **expect)

    unified = ("**Firing**\n\nValue: A=95.2\nLabels:\n - alertname = {n}\n - grafana_folder = Shop\n - host = {h}\n - severity = {s}\nAnnotations:\n - summary = {n} on {h}\n"
               "Source: https://grafana.example.jp/alerting/grafana/abc123/view?orgId=1\nSilence: https://grafana.example.jp/alerting/silence/new\n")
    gf("grafana-firing", "[FIRING:1] CPU high Shop (web01 critical)", unified.format(n="CPU high", h="web01", s="critical"), host="web01", check="CPU high", state="problem", severity="critical", group="gf-cpu")
    gf("grafana-resolved", "[RESOLVED] CPU high Shop (web01 critical)", unified.format(n="CPU high", h="web01", s="critical").replace("Firing", "Resolved"), state="recovery", group="gf-cpu")
    gf("grafana-mixed", "[FIRING:1, RESOLVED:1] Disk Shop (warning)", unified.format(n="Disk", h="db01", s="warning"), host="db01", state="problem", severity="warning", group="gf-disk")
    gf("grafana-ja", "[FIRING:1] レイテンシ悪化 店舗 (ap01 critical)", unified.format(n="レイテンシ悪化", h="ap01", s="critical"), dict(cte="base64"), host="ap01", check="レイテンシ悪化", state="problem", group="gf-ja")
    gf("grafana-ja-resolved", "[RESOLVED] レイテンシ悪化 店舗 (ap01 critical)", unified.format(n="レイテンシ悪化", h="ap01", s="critical"), dict(charset="shift_jis", cte="base64"), state="recovery", group="gf-ja")
    gf("grafana-legacy", "[Alerting] Panel Title alert", "Panel Title alert\nMetric name\nValue\nA-series\n95.2\n", check="Panel Title alert", state="problem", group="gf-legacy")
    gf("grafana-legacy-ok", "[OK] Panel Title alert", "Panel Title alert\n", state="recovery", group="gf-legacy")
    gf("grafana-legacy-no-data", "[No Data] Other panel alert", "Other panel alert\n", state="problem", severity="warning", group="gf-legacy-2")


def uptime():
    ur = dict(frm="alert@uptimerobot.com", frm_name="UptimeRobot", reader="uptimerobot", source="UptimeRobot mails as quoted in public notes")
    text = "Hi,\n\nThe monitor {n} ({u}) is currently {w}.\n\nMonitor URL: {u}\nRoot cause: Connection Timeout\nIncident started at: 2026-05-01 09:00:00\n"
    mail("uptimerobot-down", "Monitor is DOWN: Shop", text.format(n="Shop", u="https://shop.example.jp/", w="DOWN"), **ur, host="shop.example.jp", check="Shop", state="problem", severity="critical", at=AT, group="ur-shop")
    mail("uptimerobot-up", "Monitor is UP: Shop", text.format(n="Shop", u="https://shop.example.jp/", w="UP"), **ur, state="recovery", group="ur-shop")
    mail("uptimerobot-test", "TEST: Monitor is DOWN: Shop", text.format(n="Shop", u="https://shop.example.jp/", w="DOWN"), **ur, state="notice")
    mail("uptimerobot-ja", "Monitor is DOWN: 予約サイト", text.format(n="予約サイト", u="https://yoyaku.example.jp/", w="DOWN"), **ur, how="q", cte="quoted-printable", check="予約サイト", state="problem", group="ur-ja")
    pd = dict(frm="alert@pingdom.com", frm_name="Pingdom Alerts", reader="pingdom", source="synthetic, after Pingdom's known subject")
    mail("pingdom-down", "DOWN alert: Shop (shop.example.jp) is DOWN", "Shop is down since 2026-05-01 00:00:00 UTC\nError: Timeout\n", **pd, host="shop.example.jp", check="Shop", state="problem", severity="critical", group="pd-shop")
    mail("pingdom-up", "UP alert: Shop (shop.example.jp) is UP", "Shop is up again\nDowntime: 5m\n", **pd, state="recovery", group="pd-shop")
    mail("pingdom-other", "DOWN alert: API (api.example.jp) is DOWN", "x\n", **pd, state="problem", group="pd-api")
    sc = dict(frm="alerts@statuscake.com", reader="statuscake", source="synthetic, after StatusCake's known subject")
    mail("statuscake-down", "Website Down | Shop", "URL: https://shop.example.jp/\nStatus Code: 503\n", **sc, host="shop.example.jp", check="Shop", state="problem", severity="critical", group="sc-shop")
    mail("statuscake-up", "Website Up | Shop", "URL: https://shop.example.jp/\nDowntime: 5 minutes\n", **sc, state="recovery", group="sc-shop")
    bs = dict(frm="alerts@betterstack.com", frm_name="Better Stack", reader="betterstack", source="synthetic, after Better Stack's known subject")
    text = "Monitor: shop.example.jp\nChecked URL: GET https://shop.example.jp/\nCause: Status 503\nStarted at: 1 May 2026 at 9:00am JST\n\nhttps://uptime.betterstack.com/team/1/incidents/{i}\n"
    mail("betterstack-down", "shop.example.jp is down", text.format(i=77), **bs, host="shop.example.jp", check="shop.example.jp", state="problem", severity="critical", at=AT, group="bs-77")
    mail("betterstack-resolved", "Incident resolved: shop.example.jp", text.format(i=77), **bs, state="recovery", group="bs-77")
    mail("betterstack-other", "New incident: api.example.jp is down", text.format(i=78), **bs, state="problem", group="bs-78")


def all_of_them():
    cloudwatch()
    amazon()
    mackerel()
    datadog()
    newrelic()
    prometheus()
    uptime()
