# シート: 誰が持ち、いくらかかるか。
seats-none = PagerDuty のユーザーはまだわかっていません
seats-none-what = API でユーザーを読み取ると、ここに並びます。
seats-unsure = どのシートが使われていないかは、まだわかりません
seats-lack-unread = { $poll }: まだ最後まで読み取っていません。自動で読み取ります。
seats-lack-refused = { $poll }: PagerDuty が拒否しています。キーのユーザーに読み取れるロールを、アプリならスコープ { $scope } を与えてください。自動で再試行します。{ $why }
seats-lack-off = { $poll }: 設定で止められています。poll を 0s より大きくしてください。
seats-answer = PagerDuty ユーザー { $all }人のうち { $idle }人は、{ $most }日間、当番も呼び出しも操作もありませんでした
seats-answer-short = わかっているのは { $most }日のうち { $days }日分だけです。その間、PagerDuty ユーザー { $all }人のうち { $idle }人は、当番も呼び出しも操作もありませんでした
seats-cost = 1シート月額 { $price } とすると、年間 { $year } です。
seats-instead = その人たちは代わりにここで閲覧できます。{ $n ->
    [0] ここのアカウントを持っている人はまだいません。
   *[other] うち { $n }人はすでにここのアカウントを持っています。
}
seats-stakeholders = ほかに、閲覧専用ロールのステークホルダーが { $all }人います（料金は別）。うち { $idle }人は利用がありません。
seats-known = 呼び出しと操作は、PagerDuty のログから { $since } 以降がわかっています。
seats-known-short = PagerDuty のログから呼び出しと操作がわかるのは { $since } 以降だけです。確実にするには90日分の過去を取り込んでください。
seats-known-never = 呼び出しは PagerDuty のログからのみわかりますが、まだ読み取っていません。確実にするには90日分の過去を取り込んでください。
seats-fetch = 過去を取り込む
seats-price = 1シートの月額
seats-currency = 通貨
seats-price-set = 計算
seats-price-what = この画面の表示だけが変わります。残すには [seats] price と currency に設定してください。
seats-price-unknown = 金額として読み取れません。小数は2桁までの数と、JPY のような通貨を入力してください。
seats-csv = CSV で保存
seats-use = 利用
seats-unused = なし
seats-used = あり
seats-pd-role = PagerDuty のロール
seats-shift = 当番の終わり
seats-page = 最後の呼び出し
seats-act = 最後の操作
seats-account = ここのアカウント
seats-no-account = なし
seats-always = 常時オンコール
seats-not = 記録なし
pd-role-admin = 全体管理者
pd-role-owner = アカウント所有者
pd-role-user = マネージャー
pd-role-limited-user = レスポンダー
pd-role-observer = オブザーバー
pd-role-restricted-access = 制限付きアクセス
pd-role-read-only-user = ステークホルダー
pd-role-read-only-limited-user = 制限付きステークホルダー
act-seats-export = シート一覧を保存
