signals-none = シグナルはまだ届いていません
signals-good = 受信 { $received }件、すべて読み取り済みです
signals-waiting = 受信 { $received }件、うち { $waiting }件が読み取り待ちです。失われたものはありません
signals-dead = 受信 { $received }件、うち { $dead }件を読み取れませんでした。担当者の確認が必要です
signals-empty = Webhook と API の応答が、届いたままの形でここに並びます。
signals-empty-next = PagerDuty からこのアドレスに届くか確認してください:
signals-none-so = この状態のシグナルはありません。
signals-see-all = すべてのシグナル
signal-state-waiting = 待ち
signal-state-done = 読み取り済み
signal-state-unreadable = 解読不能
signal-state-dead = 停止
signal-nameless = 名前なし
signal-title = シグナル
signal-is-waiting = 保存済みで、読み取りを待っています。
signal-is-done = { $facts ->
    [0] 読み取り済みです。新しい事実はありませんでした。
   *[other] 読み取り済みです。{ $facts }件の事実を得ました。
}
signal-is-read = 読み取り済みです。
signal-is-unreadable = 正規の送信元から届きましたが、内容を解釈できません。データは保持しています。
signal-is-dead = 読み取りに失敗し、停止しました。データは保持しています。arayashiki replay inbox でもう一度読み取れます。
signal-why = 理由:
signal-read = 読み取り
signal-read-again = もう一度読み取る
signal-read-again-what = 同じ規則で読み取り直します。すでに反映された内容が二重になることはありません。
signal-digest = SHA-256
signal-key = キー
signal-headers = ヘッダー
signal-bytes = 届いたままのデータ
signal-refused = 元データには機密情報が含まれる可能性があるため、封印されています。あなたのロールでは開けません。管理者に依頼してください。
signal-sealed = 元データには機密情報が含まれる可能性があるため、封印されています。開くと、あなたの名前とともに監査記録に残ります。
signal-open = 記録を残して開く
signal-opened = あなたが開きました。監査記録に残っています。
signal-no-text = テキストではないため、16進数で表示します。
signal-laid-out = 整形して表示
signal-as-came = 届いたまま
signal-left-out = 残り { $n } バイトは保存されていますが、ここには表示していません。

jobs-quiet = 待っているジョブも停止したジョブもありません
jobs-waiting = { $waiting }件のジョブが順番を待っています。停止したジョブはありません
jobs-need-people = { $dead ->
    [0] 停止したジョブはなく
   *[other] 停止したジョブが { $dead }件
}、{ $human ->
    [0] 人の判断を待つものはありません
   *[other] 人の判断を待つものが { $human }件あります
}
jobs-tab-dead = 停止
jobs-tab-human = 人の判断待ち
jobs-tab-waiting = 待ち
jobs-tab-skipped = 見送り
jobs-about-dead = 試行に失敗し、停止しました。誰かが指示しない限り再試行されません。
jobs-about-human = 実行されたかどうか、人にしか判断できません。
jobs-about-waiting = 時刻になると自動で実行されます。
jobs-about-running = 実行中です。
jobs-about-skipped = 順番が来た時点で不要になっていたもの。それぞれ理由があります。
jobs-about-done = 完了しました。
jobs-empty-dead = 停止したジョブはありません。最後の試行に失敗したものがここに並びます。
jobs-empty-human = 人の判断を待つものはありません。
jobs-empty-waiting = 待っているものはありません。
jobs-empty-running = 実行中のものはありません。
jobs-empty-skipped = 見送ったものはありません。
jobs-empty-done = まだ何も実行していません。
job-state-dead = 停止
job-state-human = 人の判断待ち
job-state-waiting = 待ち
job-state-running = 実行中
job-state-skipped = 見送り
job-state-done = 完了
job-due = 予定:
job-spent = 試行 { $n }回
job-attempts = 試行の記録
job-took = 所要 { $span }
job-happened = 実行されていた
job-not-happened = 実行されていなかった
job-settle-what = 先に PagerDuty で確認してください。ここでは何も送信しません。待っている後続の操作が進みます。
job-retry = 再実行
job-retry-what = 一度だけ列に戻します。すでに実行された可能性がないか、送る前に確認します。
outcome-open = 不明
outcome-done = 完了
outcome-later = 延期
outcome-never = 実行不可
outcome-unknown = 不明
outcome-human = 人の判断待ち
outcome-skipped = 見送り
effect-read-incident = インシデントの読み取り
effect-list-incidents = インシデント一覧の読み取り
effect-list-log = ログの読み取り
effect-list-reference = 構成情報の読み取り
effect-read-alerts = アラートの読み取り
effect-look-at-subscriptions = Webhook の設定の確認
effect-look-at-token = API キーの確認
effect-look-at-scopes = API キーで読み取れる範囲の確認
effect-enable-subscription = Webhook の再開を依頼
effect-confirm = 呼び出しがインシデントになったかの確認
effect-note = PagerDuty にメモを追加
effect-page = PagerDuty で呼び出し
effect-settle = PagerDuty で解決
queue-live = 即時の列
queue-read = 読み取りの列
queue-bulk = 一括処理の列
