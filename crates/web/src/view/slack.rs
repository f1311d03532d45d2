//! Whose Slack account acts in whose name: the link that makes it so, and those that are linked. Plain data; nothing is decided here.

use super::Frame;
use crate::markup::encode;
use model::Micros;
use model::person::Role;

/// A Slack account that acts in somebody's name here.
#[derive(Clone, Debug)]
pub struct LinkedRow {
    pub team: String,
    pub member: String,
    /// As Slack names it.
    pub name: String,
    pub linked_at: Micros,
    /// The account here, and whose it is.
    pub account: String,
    pub person: String,
}

impl LinkedRow {
    /// Where its own person parts it.
    pub fn own_href(&self) -> String {
        format!("/account/slack/{}/{}/unlink", encode(&self.team), encode(&self.member))
    }

    /// Where an administrator parts anybody's.
    pub fn href(&self) -> String {
        let (account, team, member) = (encode(&self.account), encode(&self.team), encode(&self.member));
        format!("/people/{account}/slack/{team}/{member}/unlink")
    }

    /// What Slack itself calls it: two of one name are told apart by it.
    pub fn ids(&self, f: &Frame) -> String {
        f.t2("slack-ids", "member", f.short(&self.member), "team", f.short(&self.team))
    }
}

/// What a link from Slack offers.
#[derive(Clone, Debug)]
pub struct LinkView {
    pub token: String,
    /// `None`: it was used, is too old, or never was.
    pub offer: Option<Offer>,
    /// How long a link works, in seconds.
    pub lasts_s: i64,
}

#[derive(Clone, Debug)]
pub struct Offer {
    pub team: String,
    pub member: String,
    pub name: String,
    /// In whose name it will act: the reader's.
    pub person: String,
    pub email: String,
    pub role: Role,
    /// It acts in another person's name so far.
    pub is_moved: bool,
}

impl LinkView {
    pub fn action(&self) -> String {
        format!("/link/slack/{}", encode(&self.token))
    }
}

impl Offer {
    pub fn lead(&self, f: &Frame) -> String {
        f.t2("link-slack-lead", "name", f.short(&self.name), "person", f.short(&self.person))
    }

    pub fn ids(&self, f: &Frame) -> String {
        f.t2("slack-ids", "member", f.short(&self.member), "team", f.short(&self.team))
    }

    pub fn may_act(&self) -> bool {
        self.role.may_act()
    }
}
