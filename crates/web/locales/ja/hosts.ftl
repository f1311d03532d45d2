# ホスト、到達状況、信頼する鍵。手順書。
col-reach = 到達
col-so-for = 継続
col-sudo = sudo
col-clock = 時計
col-last-run = 直近の実行
col-checked = 確認
hosts-none = ホストが設定されていません
hosts-none-what = [[host]]、Ansible のインベントリ、OpenSSH の設定、EC2 で設定したホストが、到達状況とともにここに並びます。追加の方法: docs/guide/hosts.md
hosts-all-reached = { $n ->
   *[other] { $n }台すべてに到達できます
}
hosts-untried = { $n ->
   *[other] { $n }台のうち { $untried }台はまだ確認していません。ほかは到達できます
}
hosts-some-lost = { $n ->
   *[other] { $n }台のうち { $lost }台に到達できません
}
hosts-alarms = 変わった鍵
hosts-of-nobody = お客様なし
hosts-bastions = 踏み台
hosts-complaints = インベントリで直すべき点（{ $n }件）
complaint-error = 使わない
complaint-warning = 要確認

reach-never = 未確認
reach-reached = 到達
reach-unreachable = 応答なし
reach-key-unknown = 未確認の鍵
reach-key-changed = 鍵が変わった
reach-key-revoked = 失効した鍵
reach-certificate = 証明書が無効
reach-login-refused = ログイン拒否
reach-timeout = 時間切れ
reach-key-file = 鍵ファイルを読めない
reach-agent = エージェントの鍵なし
reach-bastion-forbids = 踏み台が転送を拒否
reach-protocol = SSH として通信できない
reach-busy = セッション上限
reach-run-refused = コマンドを拒否
reach-lost = 接続が切れた
reach-no-common-algorithm = 共通の暗号方式なし
reach-cancelled = 中止
reach-no-way = 経路が未設定
reach-do-unreachable = { $host } が起動しているか、アドレス・ポート・経路上のファイアウォールが正しいかを確認してください。
reach-do-key-unknown = { $host } の鍵はまだ誰も確認していません。管理者から聞いた指紋と照合してから arayashiki host trust で登録してください。
reach-do-key-changed = { $host } の鍵が、信頼している鍵と違います。ここでは何も実行しません。通信に割り込まれているおそれがあります。ホストを作り直したのかを管理者に確認し、指紋を照合してから新しい鍵を登録してください。
reach-do-key-revoked = { $host } は失効した鍵を示しています。ここでは何も実行しません。すぐに管理者に確認してください。
reach-do-certificate = { $host } のホスト証明書が期限切れか、別の認証局のものです。署名し直すか、鍵そのものを登録してください。
reach-do-login-refused = { $host } がこちらの鍵を受け付けません。ユーザー名と、公開鍵が authorized_keys にあるかを確認してください。
reach-do-timeout = { $host } が時間内に応答しませんでした。負荷が高ければ後でもう一度、そうでなければ経路を確認してください。
reach-do-key-file = { $host } 用の秘密鍵があるか、実行ユーザーが読めるかを確認してください。
reach-do-agent = { $host } 用のエージェントが応答しないか、鍵を持っていません。動いているか、鍵を追加したかを確認してください。
reach-do-bastion-forbids = { $host } が接続を転送しません。AllowTcpForwarding と PermitOpen を確認してください。
reach-do-protocol = { $host } の応答は、通信できる SSH サーバーのものではありません。そのポートで何が動いているかを確認してください。
reach-do-busy = { $host } のセッションが上限です。自動でもう一度試します。
reach-do-run-refused = { $host } にログインはできますが、コマンドを実行できません。ForceCommand と、authorized_keys の鍵の前のオプションを確認してください。
reach-do-lost = { $host } への接続が途中で切れました。もう一度試し、続くようなら経路を確認してください。
reach-do-no-common-algorithm = { $host } は、安全でない鍵交換や暗号方式しか使えません。SSH サーバーを更新してください。
reach-do-cancelled = プログラムの停止のため、{ $host } の確認を中止しました。自動でもう一度試します。
reach-do-no-way = { $host } までの踏み台が設定にそろっていません。via を確認してください。
sudo-yes = 可
sudo-no = 不可
sudo-unknown = 不明

host-never-tried = まだ確認していません。すべてのホストを 1 日に 1 回確認します。
host-is-reached = { $span }前から到達できています。
host-is-lost = 到達できません: { $why }（{ $span }前から）。
host-at-hop = { $hop } で失敗しました。
host-do = できること
host-test = 今すぐ確認
host-test-what = 設定の経路でログインし、時計と sudo の可否だけを調べます。何も変更しません。
host-runs = 実行
host-runs-none = ここではまだ何も実行していません。
host-runs-all = すべて見る
host-keys = 信頼する鍵
host-keys-none = 人が確認した鍵はありません。設定した known_hosts ファイルに登録されている場合もあります。
host-key-by = 登録した人
host-trust-how = 鍵を登録するには、サーバーで次のコマンドを実行し、表示される指紋を照合してください:
host-trust-what = 鍵を自動で登録することはありません。
host-facts = ホスト
host-at = アドレス
host-login = ログイン
host-login-none = なし
host-login-key = 鍵 { $file }
host-login-certificate = 鍵 { $file } と証明書 { $certificate }
host-login-agent = エージェント { $socket }
host-key-names = 鍵の登録名
host-ms = { $n } ms
host-system = システム
host-shown-key = 示された鍵
host-matches = 一致の条件
host-groups = グループ
host-origin = 設定元
host-origin-config = 設定ファイル

runbooks-none = 手順書がありません
runbooks-none-what = 手順書には、ホストで実行するコマンドと期待する結果を書きます。製品に付属するものと、[runbooks] dir のフォルダーにあるものがここに並びます。
runbooks-all = { $n ->
   *[other] { $n }件すべてが自動で実行できます
}
runbooks-waiting = { $waiting ->
   *[other] { $n }件のうち { $waiting }件が管理者の承認を待っています
}
runbook-shipped = 付属
runbook-approved = 承認済み
runbook-unapproved = 未承認
runbook-problems-word = 誤りあり
runbook-is-shipped = 製品に付属する手順書で、自動で実行できます。
runbook-is-approved = { $who } がこの版を承認しました（{ $at }）。自動で実行できます。
runbook-is-unapproved = この版はまだ承認されていません。ボタンを押したときだけ実行します。
runbook-when = 自動実行
runbook-steps = ステップ
runbook-steps-what = ファイルに書かれたコマンドです。パラメーターは引用した値として入り、コマンドとして解釈されることはありません。
runbook-digest = ダイジェスト
runbook-default = 既定値
runbook-facts = 手順書
runbook-runs-none = まだ実行していません。
runbook-problems = ファイルの誤り（{ $n }件）
runbook-approve = この版を承認
runbook-approve-what = 今後、手順書の条件に合えばこのコマンドを自動で実行します。ファイルが変われば、改めて承認が必要です。
runbook-withdraw = 承認を取り消す
runbook-withdraw-what = 今後は、ボタンを押したときだけ実行します。
runbook-changes = ホストを変更する手順書です。実行できるのは参照だけの手順書です。
runbook-approvals = 承認の記録
runbook-approved-by = 承認した人
runbook-withdrawn-by = 取り消した人
