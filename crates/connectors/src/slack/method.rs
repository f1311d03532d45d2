//! The methods of the Web API that we call: how often each may be called, what it takes, and whether a repeat of it would show.

/// One method. Slack limits each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    AuthTest,
    Post,
    PostEphemeral,
    Update,
    History,
    Replies,
    ChannelInfo,
    OpenChannel,
    UserByEmail,
    UserInfo,
    UploadUrl,
    CompleteUpload,
    OpenView,
    OpenSocket,
}

/// Slack's tiers, in calls a minute. The special ones are ours to guess: hundreds a minute, says Slack.
const TIER_3: u32 = 50;
const TIER_4: u32 = 100;
const SPECIAL: u32 = 300;

impl Method {
    pub const ALL: [Self; 14] = [
        Self::AuthTest,
        Self::Post,
        Self::PostEphemeral,
        Self::Update,
        Self::History,
        Self::Replies,
        Self::ChannelInfo,
        Self::OpenChannel,
        Self::UserByEmail,
        Self::UserInfo,
        Self::UploadUrl,
        Self::CompleteUpload,
        Self::OpenView,
        Self::OpenSocket,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthTest => "auth.test",
            Self::Post => "chat.postMessage",
            Self::PostEphemeral => "chat.postEphemeral",
            Self::Update => "chat.update",
            Self::History => "conversations.history",
            Self::Replies => "conversations.replies",
            Self::ChannelInfo => "conversations.info",
            Self::OpenChannel => "conversations.open",
            Self::UserByEmail => "users.lookupByEmail",
            Self::UserInfo => "users.info",
            Self::UploadUrl => "files.getUploadURLExternal",
            Self::CompleteUpload => "files.completeUploadExternal",
            Self::OpenView => "views.open",
            Self::OpenSocket => "apps.connections.open",
        }
    }

    pub const fn per_minute(self) -> u32 {
        match self {
            Self::AuthTest | Self::Post => SPECIAL,
            Self::PostEphemeral | Self::UserInfo | Self::UploadUrl | Self::CompleteUpload | Self::OpenView => TIER_4,
            _ => TIER_3,
        }
    }

    /// The others are sent as a form.
    pub const fn takes_json(self) -> bool {
        matches!(
            self,
            Self::Post | Self::PostEphemeral | Self::Update | Self::OpenChannel | Self::CompleteUpload | Self::OpenView
        )
    }

    /// Whether people would see it twice if it were done twice.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Post | Self::PostEphemeral | Self::Update | Self::CompleteUpload | Self::OpenView)
    }
}
