//! Slack: by what we post, whether presses are heard, which posts can't be shown, which channels are muted.

use super::rest::breaker_text;
use super::{BreakerRow, Said};
use crate::i18n::Arg;
use crate::state::Slack as Settings;
use crate::view::Frame;
use model::Micros;
use model::connection::{SlackSocket, SlackToken};
use model::time::SECOND_US;

/// Posts that can't be shown for longer than this are told on *Now*.
pub(crate) const TROUBLE_S: i64 = 300;
/// What the incoming webhook's channel is called: its address alone knows the real one.
const WEBHOOK_CHANNEL: &str = "webhook";

#[derive(Clone, Debug, Default)]
pub struct SlackView {
    pub settings: Settings,
    /// How Socket Mode's connection is; `None`: it was never opened.
    pub socket: Option<SlackSocket>,
    pub token: SlackToken,
    /// The oldest first.
    pub troubles: Vec<PostTrouble>,
    pub muted: Vec<MutedChannel>,
    pub breaker: Option<BreakerRow>,
}

/// What keeps posts to a channel from being shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostTrouble {
    pub channel: String,
    pub why: String,
    pub since: Micros,
    pub waiting: u64,
}

/// New posts there are held back until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutedChannel {
    pub channel: String,
    pub until: Micros,
    pub by: String,
}

impl PostTrouble {
    pub(crate) fn is_long(&self, now: Micros) -> bool {
        now.since(self.since) > TROUBLE_S * SECOND_US
    }
}

/// A channel's name for people; that of an incoming webhook is known to Slack alone.
pub(crate) fn channel(f: &Frame, channel: &str) -> String {
    if channel == WEBHOOK_CHANNEL { f.t("slack-webhook-channel") } else { f.short(channel) }
}

impl SlackView {
    /// For those who see some customers: channels may be a customer's.
    pub(super) fn narrowed(self) -> Self {
        Self { settings: self.settings, socket: self.socket, token: self.token, ..Self::default() }
    }

    pub fn said(&self, f: &Frame) -> Said {
        if !self.settings.is_set() {
            return Said::new("unknown", f.t("conn-slack-none"), f.t("conn-slack-none-do"));
        }
        self.broken(f).unwrap_or_else(|| self.works(f))
    }

    fn broken(&self, f: &Frame) -> Option<Said> {
        if let Some(why) = self.token.refused.as_ref().filter(|_| self.settings.bot) {
            let what = f.t1("trouble-slack-token", "why", f.whole(why));
            return Some(Said::new("triggered", what, f.t("trouble-slack-token-do")));
        }
        if !self.troubles.is_empty() {
            let state = if self.troubles.iter().any(|one| one.is_long(f.now)) { "triggered" } else { "acknowledged" };
            let waiting: u64 = self.troubles.iter().map(|one| one.waiting).sum();
            return Some(Said::new(state, f.t1("conn-slack-troubled", "n", waiting), f.t("trouble-slack-posts-do")));
        }
        if self.breaker.as_ref().is_some_and(|breaker| breaker.is_open(f.now)) {
            return Some(Said::new("acknowledged", f.t("conn-slack-away"), f.t("alarm-breaker-do")));
        }
        let why = self.socket_trouble()?;
        let what = f.t1("trouble-slack-socket", "why", f.whole(why));
        Some(Said::new("acknowledged", what, f.t("trouble-slack-socket-do")))
    }

    fn works(&self, f: &Frame) -> Said {
        let settings = &self.settings;
        let is_untried = settings.socket && self.socket.is_none();
        match (settings.bot, settings.hears()) {
            (false, _) => Said::new("resolved", f.t("conn-slack-reduced"), f.t("conn-slack-reduced-do")),
            (true, false) => Said::new("resolved", f.t("conn-slack-deaf"), f.t("conn-slack-deaf-do")),
            (true, true) if is_untried => Said { state: "unknown", what: f.t("conn-slack-untried"), remedy: None },
            (true, true) => Said::good(f.t("conn-slack-good")),
        }
    }

    /// Why the socket is not open, where one is wanted.
    pub(crate) fn socket_trouble(&self) -> Option<&str> {
        self.socket.as_ref().filter(|_| self.settings.socket)?.trouble.as_deref()
    }

    /// In which workspace, and as whom.
    pub fn workspace(&self, f: &Frame) -> Option<String> {
        let (workspace, bot) = (self.token.workspace.as_ref()?, self.token.bot.as_ref()?);
        Some(
            f.t_args("slack-workspace-as", &[("workspace", f.short(workspace).value()), ("bot", f.short(bot).value())]),
        )
    }

    pub fn way(&self, f: &Frame) -> String {
        f.t(match (self.settings.bot, self.settings.webhook) {
            (true, _) => "slack-way-bot",
            (false, true) => "slack-way-webhook",
            (false, false) => "way-out-none",
        })
    }

    /// By which way presses and commands come.
    pub fn heard(&self, f: &Frame) -> String {
        let settings = &self.settings;
        if !settings.bot || !settings.hears() {
            return f.t("slack-heard-not");
        }
        let by_http = settings.http.then(|| f.t("slack-heard-http"));
        let by_socket = settings.socket.then(|| self.socket_words(f));
        f.join(&by_http.into_iter().chain(by_socket).collect::<Vec<_>>())
    }

    fn socket_words(&self, f: &Frame) -> String {
        match self.socket.as_ref().map(|socket| (&socket.trouble, socket.open_since)) {
            Some((Some(_), _)) => f.t("slack-socket-shut"),
            Some((None, Some(since))) => f.t1("slack-socket-open", "span", f.between(&since, &f.now)),
            _ => f.t("slack-socket-never"),
        }
    }

    pub fn incidents(&self, f: &Frame) -> String {
        f.t(match (self.settings.posts_incidents, self.settings.all_urgencies) {
            (false, _) => "slack-incidents-observe",
            (true, false) => "slack-incidents-high",
            (true, true) => "slack-incidents-all",
        })
    }

    pub fn breaker_text(&self, f: &Frame) -> Option<String> {
        breaker_text(self.breaker.as_ref(), f)
    }
}

impl PostTrouble {
    pub fn said(&self, f: &Frame) -> String {
        f.t_args("slack-trouble", &[("channel", channel(f, &self.channel).value()), ("n", self.waiting.value())])
    }

    pub fn state(&self, f: &Frame) -> &'static str {
        if self.is_long(f.now) { "triggered" } else { "acknowledged" }
    }
}
