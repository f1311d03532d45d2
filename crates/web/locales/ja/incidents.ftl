incidents-count = インシデント { $n }件
incidents-count-open = { $n ->
    [0] 未解決のインシデントはありません
   *[other] 未解決のインシデント { $n }件
}
incidents-count-triggered = { $n ->
    [0] 誰も確認していないインシデントはありません
   *[other] 誰も確認していないインシデント { $n }件
}
incidents-count-acknowledged = { $n ->
    [0] 確認済みのインシデントはありません
   *[other] 確認済みのインシデント { $n }件
}
incidents-count-resolved = { $n ->
    [0] 解決済みのインシデントはありません
   *[other] 解決済みのインシデント { $n }件
}
incidents-shown-more = このページに { $n }件、続きがあります
incidents-empty = インシデントはまだありません。発生するとここに表示されます。
incidents-empty-next = 過去の履歴を取り込むには:
incidents-no-match = 条件に合うインシデントはありません
incidents-match = 条件に合うインシデント { $n }件
incidents-none-so = この状態のインシデントはありません。
incidents-see-all = すべてのインシデント
filter-all = すべて
filter-any = 指定なし
filter-more = 絞り込み
filter-text = 検索語
filter-since = 発生日（開始）
filter-until = 発生日（終了）
filter-apply = 適用
filter-clear = 条件をすべて外す
filter-off = この条件を外す
filter-any-state = 状態を問わず探す

incident-is-triggered = 発生から { $age }。まだ誰も確認しておらず、担当も決まっていません。
incident-is-triggered-for = 発生から { $age }。まだ誰も確認していません。担当は { $who } です。
incident-is-acknowledged = { $age }前に確認されました。
incident-is-acknowledged-by = { $who } が確認してから { $age }経過しています。
incident-is-resolved = 解決済みです。所要時間は { $took } でした。
incident-read = PagerDuty から読み取り:
incident-read-once = API の履歴から取り込み済み
incident-never-read = Webhook のみで把握しています。API はまだ読み取っていません
incident-hidden = PagerDuty がこのキーに表示しなくなりました（{ $ago }）。現在の状態は不明です。削除されたか、キーの権限からチームが外れた可能性があります
row-hidden = PagerDuty で表示されなくなりました
incident-stale = 最新でない: 最後の読み取りより新しい変更があります
incident-whole-title = 件名の全文
incident-timeline = 経過
incident-timeline-empty = まだ何も届いていません。
incident-alerts = アラート { $n }件
incident-alerts-empty = アラートはまだ読み取っていません。次の API 読み取りで表示されます。
incident-raw = 元になったシグナル
incident-raw-empty = このインシデントのシグナルは保存されていません。
incident-raw-more = これより古いものはシグナルの一覧にあります。
incident-facts = 概要
incident-in-pagerduty = PagerDuty で開く
incident-notes = { $n ->
    [0] メモ
   *[other] メモ { $n }件
}
incident-notes-empty = メモはまだありません。
incident-note-trimmed = Webhook ではここまでしか届いていません。続きは次の API 読み取りで表示されます。
fact-priority = 優先度
fact-acknowledged = 確認
fact-resolved = 解決
fact-after = { $span }後
fact-policy = エスカレーションポリシー
fact-alerts = アラート
fact-alert-counts = 全{ $all }件、未解決 { $open }件
fact-bridge = 会議
fact-merged-into = マージ先
fact-merged-from = マージ元
fact-type = 種類
fact-key = インシデントキー
fact-id = ID
alert-body = 本文
alert-key = アラートキー
alert-link = リンク
alert-suppressed = 抑制
alert-characters = { $n }文字
alert-left-out = 残り { $n }項目は元のシグナルにあります。

# KEY、KEY-by（操作者がわかる）、KEY-to（対象がわかる）、KEY-to-by（両方）。
change-triggered = 発生しました
change-triggered-by = { $by } から発生しました
change-triggered-to = { $to } 経由で発生しました
change-triggered-to-by = { $by } から { $to } 経由で発生しました
change-triggered-again = 再び通知がありました
change-acknowledged = 確認されました
change-acknowledged-by = { $by } が確認しました
change-unacknowledged = 確認の期限が切れ、再び発生中になりました
change-resolved = 解決しました
change-resolved-by = { $by } が解決しました
change-reopened = 再オープンされました
change-reopened-by = { $by } が再オープンしました
change-assigned = { $to } に割り当てられました
change-reassigned = 担当が変わりました
change-reassigned-by = { $by } が担当を変更しました
change-reassigned-to = 担当が { $to } に変わりました
change-reassigned-to-by = { $by } が担当を { $to } に変更しました
change-escalated = エスカレーションされました
change-escalated-by = { $by } がエスカレーションしました
change-escalated-to = { $to } にエスカレーションされました
change-escalated-to-by = { $by } が { $to } にエスカレーションしました
change-delegated = 別のエスカレーションポリシーに引き渡されました
change-delegated-by = { $by } が別のエスカレーションポリシーに引き渡しました
change-delegated-to = エスカレーションポリシー { $to } に引き渡されました
change-delegated-to-by = { $by } がエスカレーションポリシー { $to } に引き渡しました
change-priority = 優先度が外されました
change-priority-by = { $by } が優先度を外しました
change-priority-to = 優先度が { $to } になりました
change-priority-to-by = { $by } が優先度を { $to } にしました
change-urgency = 緊急度が変わりました
change-urgency-by = { $by } が緊急度を変更しました
change-service = 別のサービスに移されました
change-service-by = { $by } が別のサービスに移しました
change-service-to = サービス { $to } に移されました
change-service-to-by = { $by } がサービス { $to } に移しました
change-type = 種類が変わりました
change-type-by = { $by } が種類を変更しました
change-type-to = 種類が { $to } に変わりました
change-type-to-by = { $by } が種類を { $to } に変更しました
change-snoozed = スヌーズされました
change-snoozed-by = { $by } がスヌーズしました
change-snoozed-to = { $to } までスヌーズされました
change-snoozed-to-by = { $by } が { $to } までスヌーズしました
change-merged = インシデントがマージされました
change-merged-by = { $by } がインシデントをマージしました
change-merged-to = { $to } にマージされました
change-merged-to-by = { $by } が { $to } にマージしました
change-annotated = メモが追加されました
change-annotated-by = { $by } がメモを残しました
change-status-update = ステータス更新が送られました
change-status-update-by = { $by } がステータス更新を送りました
change-notified = { $who } に通知しました
change-notified-through = { $who } に{ $channel }で通知しました
change-responder-asked = 応援を依頼しました
change-responder-asked-by = { $by } が応援を依頼しました
change-responder-asked-to = { $to } に応援を依頼しました
change-responder-asked-to-by = { $by } が { $to } に応援を依頼しました
change-responder-replied = 応援依頼への返答: { $state }
change-responder-replied-by = { $by } の返答: { $state }
change-bridge = 会議が設定されました
change-bridge-by = { $by } が会議を設定しました
change-bridge-removed = 会議が外されました
change-bridge-removed-by = { $by } が会議を外しました
change-fields = 項目が変わりました
change-fields-by = { $by } が項目を変更しました
change-fields-to = 項目が変わりました（{ $to }）
change-fields-to-by = { $by } が項目を変更しました（{ $to }）
change-role = { $to } が { $role } になりました
change-role-by = { $by } が { $to } を { $role } にしました
change-role-cleared = { $role } の割り当てが外れました
change-role-cleared-by = { $by } が { $role } の割り当てを外しました
change-task = タスク { $name }: { $state }
change-task-by = タスク { $name }: { $state }（{ $by }）
change-action = アクション { $name }: { $state }
change-action-by = アクション { $name }: { $state }（{ $by }）
change-workflow = ワークフロー { $name }: { $state }
change-workflow-by = ワークフロー { $name }: { $state }（{ $by }）
change-other = { $name }
change-other-summary = { $name }: { $summary }
channel-email = メール
channel-phone = 電話
channel-sms = SMS
channel-push-notification = プッシュ通知
channel-api = API
channel-website = Web 画面
channel-mobile = モバイルアプリ
channel-auto = ルール
channel-timeout = タイムアウト
channel-integration = 連携
channel-events-api = Events API
channel-web-trigger = Web 画面
reply-accepted = 承諾
reply-declined = 辞退
reply-pending = 返答待ち
progress-open = 未着手
progress-completed = 完了
progress-started = 開始
progress-failed = 失敗
progress-created = 作成
