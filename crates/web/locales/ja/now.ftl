now-never = まだ何もわかっていません。PagerDuty から一度も受信していません
now-never-what = PagerDuty から Webhook が届くか API が応答すると、未解決のインシデントがここに並びます。
now-never-next = アカウントを接続してください。arayashiki.example.toml を arayashiki.toml にコピーし、docs/guide/connect-pagerduty.md の手順で設定して、次のコマンドで確認します:
now-none = 未解決のインシデントはありません
now-none-taken = { $open ->
    [1] 未解決 1件、発生から { $oldest }。まだ誰も確認していません
   *[other] 未解決 { $open }件、最も古いものは発生から { $oldest }。まだ誰も確認していません
}
now-some-taken = 未解決 { $open }件、最も古いものは発生から { $oldest }。うち { $untaken }件はまだ誰も確認していません
now-all-taken = { $open ->
    [1] 未解決 1件、発生から { $oldest }。確認済みです
   *[other] 未解決 { $open }件、最も古いものは発生から { $oldest }。すべて確認済みです
}
now-none-unread = { $at } 時点で未解決のインシデントはありませんでした。未読のシグナルが { $waiting }件あります
now-open-unread = { $said }（{ $at } 時点。未読のシグナルが { $waiting }件あります）
now-none-stale = { $at } 時点で未解決のインシデントはありませんでした。それ以降、PagerDuty のログを読み取れていません
now-open-stale = { $said }（{ $at } 時点。それ以降、PagerDuty のログを読み取れていません）
now-none-listed = { $at } 時点で未解決のインシデントはありませんでした。それ以降の出来事は不明です
now-open-listed = { $said }（{ $at } 時点。それ以降の出来事は不明です）
now-none-unlisted = 未解決のインシデントがあるかどうかは、まだ不明です。PagerDuty から未解決の一覧を取得できていません
now-open-unlisted = わかっている範囲では、{ $said }。PagerDuty から未解決の一覧をまだ取得できていません
now-none-blind = 未解決のインシデントがあるかどうかは不明です。この API キーではインシデントを読み取れません
now-open-blind = わかっている範囲では、{ $said }。この API キーではインシデントを読み取れません
now-none-known = インシデントはまだ一件も届いていません。妨げになっていることは上に表示しています。
now-last-resolved = 最後に解決したのは
now-none-yet = インシデントはまだ一件もありません。次に発生すると数秒でここに表示されます。
now-see-resolved = 解決済みのインシデントを見る
now-open-title = 未解決のインシデント
now-group = { $total }件（緊急度 高 { $high }件）
now-no-customer = お客様の割り当てなし
now-all-open = 未解決のインシデント { $n }件をすべて見る
now-recent-title = 最近の出来事
alarms-label = 確認が必要なこと
alarm-since = 初回:
alarm-do = 対処を見る
alarm-rows = 一覧を見る
alarm-signature = サブスクリプション { $subscription } の署名が一致しません。Webhook { $refused }件を拒否しました。
alarm-signature-do = 失われたものはありません。PagerDuty にはイベントの保持を求めており、あとで再送されます。新しいシークレットを [pagerduty] webhook_secrets に設定し、再起動してください。
alarm-refused = PagerDuty が API トークンを拒否しています (HTTP { $status })。Webhook は受信できていますが、メモ・アラート・取りこぼした変更は読み取れません。
alarm-refused-do = [pagerduty] token に有効なトークンを設定してください。arayashiki check で確認できます。
alarm-away = PagerDuty の API が正しく応答しません（{ $failed }回続けて失敗）。最後の呼び出しの結果: { $why }
alarm-breaker = { $destination } が応答しません（{ $failed } 回続けて失敗）。最後の呼び出しの結果: { $why }。そこへの処理は待機しています。
alarm-breaker-do = 操作は不要です。自動で再試行します。長く続く場合は、このサーバーから宛先へ接続できるかを確認してください。
alarm-silent = Webhook で届かなかった変更が { $missed }件、API で見つかりました。
alarm-silent-do = 変更は API 経由で反映済みです（最大1分の遅れ）。PagerDuty の Integrations → Generic Webhooks で、サブスクリプションが無効になっていないか確認してください。
alarm-hidden = ここでは未解決の { $n }件が、PagerDuty ではもう表示されません。
alarm-hidden-do = 現在の状態は不明です。PagerDuty で確認してください。インシデントやサービスが削除されたか、キーの権限からチームが外れた可能性があります（ユーザーのキーは、そのユーザーに見えるものしか読めません）。
alarm-no-token = API トークンが未設定です。インシデントは Webhook だけで把握しています。
alarm-no-token-do = [pagerduty] token に読み取り専用トークンを設定すると、取りこぼしの検出とメモ・アラートの読み取りができるようになります。
alarm-dead-jobs = 停止したジョブが { $dead }件あります。自動では再試行されません。
alarm-dead-jobs-do = 理由を確認し、原因を取り除いてから再試行してください。
alarm-lost = イベントが { $lost }件足りません。独立した二つの集計が一致していません。
alarm-lost-do = 該当する日付で arayashiki backfill を実行してください。何度実行しても安全です。
mirror-title = PagerDuty のミラー
mirror-never = PagerDuty からまだ何も届いていません。
mirror-good = 届いたものはすべて読み取り済みです。
mirror-waiting = { $waiting }件が読み取り待ちです（最長 { $oldest }）。失われたものはありません。
mirror-waiting-new = { $waiting }件が届いたばかりで、読み取り中です。失われたものはありません。
mirror-dead = { $dead }件を読み取れませんでした。担当者の確認が必要です。データは保持しています。
mirror-lost = イベントが { $lost }件足りません。
mirror-received = 受信
mirror-processed = 読み取り済み
mirror-waiting-n = 待ち
mirror-unreadable-n = 解読不能
mirror-dead-n = 停止
mirror-lost-n = 消失
mirror-last-webhook = 最後の Webhook
mirror-last-read = 最後の API 読み取り
