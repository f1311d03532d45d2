# ホストで実行したものと、その結果: 一覧、1 件、インシデントのエビデンス、比較。
nav-runs = 実行
runs-tab-runs = 実行
runs-tab-hosts = ホスト
runs-tab-runbooks = 手順書
col-run = 実行
col-runbook = 手順書
col-found = 検出
col-reason = きっかけ
col-when = 日時

runs-never = まだホストでは何も実行していません
runs-never-what = インシデントが起きると、対象のホストを調べた結果がここに並びます。実行したコマンド、その出力、検出した異常を確認できます。
runs-none-so = 該当する実行はありません。
runs-live = { $n ->
   *[other] { $n }件を実行中。{ $day }
}
runs-day-none = 過去 24 時間の実行はありません
runs-day-good = { $n ->
   *[other] 過去 24 時間に { $n }件を実行し、異常はありませんでした
}
runs-day-found = { $n ->
   *[other] 過去 24 時間に { $n }件を実行し、{ $found }件で検出がありました
}
runs-day-broken = { $n ->
   *[other] 過去 24 時間に { $n }件を実行し、{ $found }件で検出があり、{ $broken }件は最後まで実行できませんでした
}

runs-text-what = ホストの出力から検索（新しい実行から順に）
runs-looked-all = { $n ->
   *[other] { $n }件の実行すべてを検索し、{ $found }件で見つかりました。
}
runs-looked-part = { $n ->
   *[other] 新しい順に { $n }件の実行を検索し、{ $found }件で見つかりました。さらに前は次のページで検索します。
}
runs-hits = 見つかった箇所

run-state-queued = 待機中
run-state-running = 実行中
run-state-done = 完了
run-state-failed = 失敗
run-state-interrupted = 中断
run-state-stopped = 停止
run-state-refused = 実行せず
run-level-ok = 異常なし
run-level-absent = 対象なし
run-level-unclear = 一部応答なし
run-level-info = 参考情報
run-level-warning = 警告
run-level-critical = 重大
run-reason-incident = インシデント
run-reason-button = 手動
run-reason-schedule = 定期
run-reason-baseline = 平常時の記録
run-reason-command = コマンドライン
run-reason-pagerduty = PagerDuty のボタン
run-class-read = 参照のみ
run-class-change = 変更あり
run-by-system = Arayashiki
run-by-token = トークン { $name }
run-found-nothing = 異常なし
run-found-absent = 調べる対象がこのホストにありません
run-found-unclear = 応答のあった範囲では異常なし
run-found-more = { $first } ほか { $n }件

run-is-queued = { $host } での実行を { $span }待っています。
run-is-running = { $host } で実行中です（開始から { $span }）。
run-is-done = { $host } で { $took }かけて実行し、異常はありませんでした。
run-is-done-absent = { $host } で { $took }かけて実行しましたが、調べる対象がこのホストにありませんでした。
run-is-done-unclear = { $host } で { $took }かけて実行しました。応答のないステップがあります。応答のあった範囲では異常はありません。
run-is-done-found = { $n ->
   *[other] { $host } で { $took }かけて実行し、{ $n }件を検出しました。
}
run-is-failed = { $host } で予定どおりに実行できませんでした。
run-is-interrupted = { $host } での実行は途中で切れました。実行していたプロセスが終了したためです。
run-is-stopped = { $host } での実行は停止されました。
run-is-stopped-by = { $who } が { $host } での実行を停止しました。
run-is-refused = { $host } では実行していません。
run-do-silent = 実行しているプロセスから { $span }応答がありません。終了していれば、1 分以内に「中断」になります。同じものが二度実行されることはありません。
run-do-queued = 順番を待っています。同じホスト、同じ踏み台での実行は 1 件ずつ進みます。実行中のものがなければ、ワーカーが動いているかを「接続」で確認してください。
run-do-failed = どこまで進んだかは下のステップにあります。原因を直してから、もう一度実行してください。
run-do-interrupted = それまでの出力は残っています。参照だけのコマンドなので、もう一度実行しても問題ありません。
run-do-refused = ホストには何も送っていません。実行するために必要なことは上の理由のとおりです。
run-do-stopped = それまでの出力は残っています。
run-stopping = { $who } が停止を求めました。ホスト上のコマンドを終了しています。
run-asked-stop = 停止を受け付けました。
run-progress = { $all } ステップ中 { $n } ステップが終わりました
run-stop-title = 停止
run-stop = { $host } での実行を停止
run-stop-what = 実行中のコマンドを終了し、残りは実行しません。それまでの出力は残ります。
run-findings = 検出（{ $n }件）
run-steps = ステップ（{ $n }件）
run-no-steps = ステップはありません。
run-not-whole = エビデンスの保管先から出力を読めません:
run-commands = 実行した内容（原文）
run-commands-what = ステップごとにホストへ送った内容と、返ってきた出力のダイジェストです。
run-sha256 = SHA-256
run-input = 標準入力:
run-capsule = カプセル
run-plan-unread = 別のバージョンが書いた計画のため、ここには表示できません。
run-facts = 記録
run-way = 経路
run-way-straight = 直接（踏み台なし）
run-class = 種類
run-queued = 依頼
run-started = 開始
run-ended = 終了
run-exit = 終了ステータス
run-redactions = 伏せた箇所
run-host-key = ホスト鍵
run-plan-digest = 計画のダイジェスト
run-runbook-digest = 手順書のダイジェスト
run-runbook-same = ファイルは当時のままです。
run-runbook-other = ファイルはその後変更されています。
run-runbook-gone = このファイルは今はありません。
run-compare = 比較
run-compare-healthy = 異常のなかった直近の実行と比べる
run-compare-none = このホストでこの手順書を実行して異常のなかった記録は、まだありません。
run-compare-other = 別の実行と比べる
run-compare-short = 違いを見る
run-stream-out = 標準出力
run-stream-err = 標準エラー出力

step-state-queued = 待機中
step-state-running = 実行中
step-state-ok = 異常なし
step-state-finding = 検出あり
step-state-missing = コマンドなし
step-state-denied = 権限なし
step-state-timed-out = 時間切れ
step-state-failed = 失敗
step-state-cut = 途中まで
step-state-interrupted = 中断
step-state-stopped = 停止
step-state-not-run = 実行せず
step-exit = 終了 { $status }
step-signal = シグナル { $signal } で終了
step-end = これまでの出力の末尾:
step-bytes = テキストではありません。先頭のバイト列:
step-all = すべて表示
step-download = ダウンロード
step-cut = 出力が長いため、途中までを保存しました
step-silent = 出力はありませんでした。
step-silent-yet = まだ出力はありません。
step-hidden = { $n ->
   *[other] 秘密情報 { $n }件を伏せました: { $rules }
}

evidence-title = エビデンス
evidence-not-looked = このインシデントのホストは、まだ調べていません。
evidence-no-inventory = 調べられるホストが設定されていません。[[host]] またはインベントリを設定してください: docs/guide/hosts.md
evidence-by-hand = 手動でホストを調べた記録があります。
evidence-looked = { $ago }にホストを探しました
evidence-observe = モードは observe です。自動では何も実行せず、実行するはずだったものだけを表示します。実行するには [diagnose] mode を変更してください。
evidence-no-run = ここでは何も実行していません。
evidence-quiet = { $n ->
   *[other] そのほかのステップ { $n }件
}
evidence-held = 実行しなかったもの
evidence-refused = インシデントに名前があるが、調べなかったホスト
evidence-unknown = ホスト名のようだが、インベントリにない名前:
evidence-earlier = 以前の実行（{ $n }件）
evidence-more = すべて見る
evidence-look-title = ホストを探し直す
evidence-look = もう一度調べる
evidence-look-what = 今のインベントリでこのインシデントのホストを探し、合う手順書を実行します。

run-form-title = 診断を実行
run-form-what = 手順書のコマンドを、踏み台を通してホストで実行します。参照だけで、何も変更しません。結果は秘密情報を伏せてここに残します。
run-form-role = 実行するには、対応者・承認者・リーダー・管理者のいずれかの権限が必要です。
run-form-no-host = このインシデントで調べられるホストはありません。ホストのお客様とインシデントのお客様が同じである必要があります。
run-form-no-hosts = ホストが設定されていません。
run-form-no-runbook = 参照だけの手順書がありません。
run-form-parameters = { $runbook } のパラメーター
run-form-required = （必須）
run-form-run = 実行する
run-form-run-on = { $host } で実行する
run-form-see = 各手順書の内容を見る
run-asked-run = 受け付けました。1〜2 秒で始まり、結果はここに表示されます。
run-asked-look = 受け付けました。見つかったホストはここに表示されます。
run-asked-test = 受け付けました。結果はここに表示されます。
run-asked-approve = この版は、今後自動で実行されます。
run-asked-withdraw = この版は、今後自動では実行されません。
run-refused-another-customer = 実行していません。ホストとインシデントのお客様が違います。
run-refused-incident-of-nobody = 実行していません。インシデントにお客様の設定がありません。インシデントのサービスにお客様を設定してください。
run-refused-host-of-nobody = 実行していません。ホストにお客様の設定がありません。ホストにお客様を設定してください。
run-refused-no-runbook = 実行していません。その手順書はもうありません。
run-refused-changes = 実行していません。この手順書はホストを変更します。実行できるのは参照だけの手順書です。
run-refused-changed = 実行していません。手順書が変更されました。現在の内容を確認のうえ、もう一度実行してください。
run-refused-parameter-unknown = 実行していません。その手順書にないパラメーターです。
run-refused-parameter-missing = 実行していません。必須のパラメーターが空です。
run-refused-parameter-long = 実行していません。パラメーターが 1,000 文字を超えています。
run-refused-over = 実行はすでに終わっています。

diff-title = 違い
diff-none = 違いはありません
diff-steps = { $all } ステップ中 { $n } ステップに違いがあります
diff-no-healthy = このホストで異常のなかった実行がまだないため、比べられません
diff-no-other = 比べられる別の実行がありません
diff-between = 以前と今回:
diff-same = 同じ
diff-said-same = 出力は同じ
diff-new = 比較先にはないステップ
diff-lost = 比較先だけにあるステップ
diff-bytes = テキストではなく、内容も違います
diff-numbers = { $n ->
   *[other] { $n }行で数値が変わりました
}
diff-lines = { $come }行増え、{ $gone }行減り、{ $numbers }行で数値が変わりました
diff-same-lines = { $n ->
   *[other] 同じ内容 { $n }行
}
diff-states = { $then } → { $now }
diff-cut = 長いため一部だけを比べました。全体は両方をダウンロードして確認してください。
diff-others = 別の実行と比べる
diff-others-none = このホストでのこの手順書の実行は、ほかにありません。
diff-healthy = 異常なし

act-host-run = ホストで手順書を実行
act-host-test = ホストの到達を確認
act-run-stop = 実行を停止
act-incident-diagnose = インシデントのホストを調べ直し
act-runbook-approve = 手順書の版を承認
act-runbook-withdraw = 手順書の承認を取り消し
act-runs-export = 実行を CSV でダウンロード
act-runbook-run = コマンドラインで実行を依頼
act-run-refused = 実行できないと判断
act-evidence-expired = 保存期間を過ぎた出力を削除
act-hold-set = 保全を設定
act-hold-release = 保全を解除
act-pagerduty-press = PagerDuty のボタンが押されたが、確認できず
effect-confirm-press = ボタンを押した人を PagerDuty で確認
source-pagerduty-action = PagerDuty のボタン
act-host-trust = ホストの鍵を登録
act-host-key-changed = ホストの鍵の変化を検出
effect-keep-note = PagerDuty のメモを最新にする
effect-run = ホストで手順書を実行
effect-reach = ホストへの到達を確認
effect-anchor = 記録のチェックポイントを外部に残す
destination-anchor-bucket = 記録のアンカーの保管先
destination-hosts = ホスト (SSH)
