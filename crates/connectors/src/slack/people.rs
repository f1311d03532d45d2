//! Who we are in Slack, who others are, and the channels between. Reads only, but for opening a direct message, which is there from
//! then on however often it is asked for.

use super::answer;
use super::client::Client;
use super::markup::UserId;
use super::method::Method;
use crate::{Call, CallError};
use serde::Deserialize;
use serde_json::json;
use std::sync::PoisonError;

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    pub team_id: String,
    pub team: String,
    pub user_id: String,
    /// Our own name over there.
    pub user: String,
    /// Absent where the token is a person's.
    pub bot_id: Option<String>,
    /// The workspace's address.
    pub url: Option<String>,
    /// What the token may; `None` where Slack did not say.
    pub scopes: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    pub team_id: Option<String>,
    /// The name behind the @.
    pub name: String,
    pub real_name: Option<String>,
    pub email: Option<String>,
    pub time_zone: Option<String>,
    pub is_bot: bool,
    /// The account is switched off.
    pub is_deleted: bool,
    /// Guests see only some channels.
    pub is_guest: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Channel {
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub is_archived: bool,
    #[serde(default)]
    pub is_private: bool,
    /// A direct message.
    #[serde(default)]
    pub is_im: bool,
    /// Whether the app is in it.
    #[serde(default)]
    pub is_member: bool,
}

#[derive(Deserialize)]
struct WhoAnswer {
    team_id: String,
    user_id: String,
    #[serde(default)]
    team: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    bot_id: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

#[derive(Deserialize)]
struct UserAnswer {
    user: UserWire,
}

#[derive(Deserialize)]
struct UserWire {
    id: String,
    #[serde(default)]
    team_id: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    real_name: Option<String>,
    #[serde(default)]
    tz: Option<String>,
    #[serde(default)]
    is_bot: bool,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_restricted: bool,
    #[serde(default)]
    profile: Option<Profile>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    email: Option<String>,
    real_name: Option<String>,
}

#[derive(Deserialize)]
struct ChannelAnswer {
    channel: Channel,
}

const SCOPES: &str = "x-oauth-scopes";

impl Client {
    /// Asks Slack whose token it is.
    pub async fn auth_test(&self, call: &Call) -> Result<Who, CallError> {
        let response = self.form(call, Method::AuthTest, &[]).await?;
        let told: WhoAnswer = answer::read(&response, false)?;
        let scopes = response.headers.get(SCOPES).and_then(|value| value.to_str().ok()).and_then(answer::scopes);
        let scopes = scopes.map(|list| list.split(',').map(|scope| scope.trim().to_owned()).collect());
        let WhoAnswer { team_id, team, user_id, user, bot_id, url } = told;
        let who = Who { team_id, team, user_id, user, bot_id, url, scopes };
        *self.who.lock().unwrap_or_else(PoisonError::into_inner) = Some(who.clone());
        Ok(who)
    }

    /// The same, asked once: a token never becomes another's.
    pub async fn who(&self, call: &Call) -> Result<Who, CallError> {
        let known = self.who.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(who) => Ok(who),
            None => self.auth_test(call).await,
        }
    }

    /// `None`: nobody active has this address.
    pub async fn person_by_email(&self, call: &Call, email: &str) -> Result<Option<Person>, CallError> {
        self.person_by(call, Method::UserByEmail, &[("email", email)]).await
    }

    pub async fn person(&self, call: &Call, id: &UserId) -> Result<Option<Person>, CallError> {
        self.person_by(call, Method::UserInfo, &[("user", id.as_str())]).await
    }

    async fn person_by(
        &self,
        call: &Call,
        method: Method,
        fields: &[(&str, &str)],
    ) -> Result<Option<Person>, CallError> {
        match self.form(call, method, fields).await {
            Ok(response) => answer::read::<UserAnswer>(&response, false).map(|answer| Some(answer.user.into())),
            Err(failed) if failed.is(&["users_not_found", "user_not_found"]) => Ok(None),
            Err(failed) => Err(failed.error),
        }
    }

    pub async fn channel(&self, call: &Call, id: &str) -> Result<Channel, CallError> {
        let response = self.form(call, Method::ChannelInfo, &[("channel", id)]).await?;
        answer::read::<ChannelAnswer>(&response, false).map(|answer| answer.channel)
    }

    /// The channel of direct messages with one person. Gives its id.
    pub async fn open_direct(&self, call: &Call, user: &UserId) -> Result<String, CallError> {
        let response = self.json(call, Method::OpenChannel, &json!({ "users": user.as_str() })).await?;
        answer::read::<ChannelAnswer>(&response, false).map(|answer| answer.channel.id)
    }
}

impl From<UserWire> for Person {
    fn from(user: UserWire) -> Self {
        let profile = user.profile.unwrap_or_default();
        Self {
            id: user.id,
            team_id: user.team_id,
            name: user.name,
            real_name: user.real_name.or(profile.real_name),
            email: profile.email,
            time_zone: user.tz,
            is_bot: user.is_bot,
            is_deleted: user.deleted,
            is_guest: user.is_restricted,
        }
    }
}
