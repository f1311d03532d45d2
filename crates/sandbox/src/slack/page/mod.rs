//! The workspace as people see it: channels, messages with their blocks and threads, buttons that can be pressed, the composer and
//! open views. Plain HTML without a script; everything that comes from outside is text.

use serde_json::Value;

use super::files::mimetype;
use super::html::Html;
use super::message::{Message, us_of};
use super::world::{Channel, Health, Kind, User, World};
use crate::web::{Ask, Told};

mod draw;

const STYLE: &str = include_str!("style.css");
/// Nothing is loaded from elsewhere, and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'";

/// Who looks, at what.
struct Look<'a> {
    world: &'a World,
    user: &'a User,
    channel: &'a Channel,
    /// Where a form's answer leads back to.
    back: String,
}

pub(super) fn answer(world: &World, ask: &Ask, last: Option<&Value>) -> Told {
    match ask.path.as_str() {
        "/style.css" => return Told::of(200, "text/css; charset=utf-8", STYLE),
        "/avatar.svg" => return Told::of(200, "image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        _ => {}
    }
    if let Some(id) = ask.path.strip_prefix("/files/") {
        return file(world, id);
    }
    let wanted = match ask.path.strip_prefix("/channel/") {
        Some(name) => world.place(&percent_decoded(name)),
        None if ask.path == "/" => Some(0),
        None => None,
    };
    match wanted.filter(|place| *place < world.channels.len()) {
        Some(place) => workspace(world, ask, place, last),
        None => Told::text(404, "there is no such page; the workspace is at /"),
    }
}

fn percent_decoded(name: &str) -> String {
    // A form's parser decodes percent signs; a plus in a path is a plus.
    let pair = format!("n={}", name.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, v)| v.into_owned()).unwrap_or_default()
}

fn file(world: &World, id: &str) -> Told {
    let found = world.files.iter().find(|f| f.id == id).and_then(|f| Some((f, f.bytes.clone()?)));
    let Some((file, bytes)) = found else { return Told::text(404, "there is no such file") };
    let kind = mimetype(&file.name);
    let told =
        Told::of(200, kind, bytes).with("x-content-type-options", "nosniff").with("content-security-policy", "sandbox");
    if kind.starts_with("image/") { told } else { told.with("content-disposition", "attachment") }
}

fn workspace(world: &World, ask: &Ask, place: usize, last: Option<&Value>) -> Told {
    let people = || world.users.iter().filter(|u| !u.is_bot && !u.is_deleted);
    let asked = ask.one("as").and_then(|id| people().find(|u| u.id == id || u.name == id));
    let Some(user) = asked.or_else(|| people().next()) else {
        return Told::text(404, "nobody is left in this workspace");
    };
    let channel = &world.channels[place];
    let back = address(channel, user);
    let look = Look { world, user, channel, back };
    let mut html = Html::default();
    html.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    if ask.one("live").is_some() {
        html.raw("<meta http-equiv=\"refresh\" content=\"3\">");
    }
    html.of("title", &[], &format!("{} · simulated Slack", title(world, channel)));
    html.raw("<link rel=\"stylesheet\" href=\"/style.css\"></head><body>");
    look.head(&mut html);
    html.raw("<div class=\"room\">");
    look.rooms(&mut html);
    html.raw("<main>");
    look.heading(&mut html);
    look.trouble(&mut html, last);
    look.views(&mut html);
    look.messages(&mut html);
    look.composer(&mut html);
    html.raw("</main></div></body></html>");
    Told::of(200, "text/html; charset=utf-8", html.into_string())
        .with("content-security-policy", POLICY)
        .with("cache-control", "no-store")
        .with("referrer-policy", "no-referrer")
        .with("x-content-type-options", "nosniff")
}

fn address(channel: &Channel, user: &User) -> String {
    let name =
        url::form_urlencoded::byte_serialize(channel.called().as_bytes()).collect::<String>().replace('+', "%20");
    format!("/channel/{name}?as={}", user.id)
}

fn title(world: &World, channel: &Channel) -> String {
    let other = channel.members.iter().find(|m| **m != world.app.user).and_then(|id| world.user(id));
    match channel.kind {
        Kind::Direct => format!("Arayashiki and {}", other.map_or("somebody", |u| &u.real_name)),
        Kind::Private => format!("🔒 {}", channel.name),
        Kind::Public => format!("# {}", channel.name),
    }
}

impl Look<'_> {
    fn head(&self, html: &mut Html) {
        html.raw("<header><strong class=\"mark\">simulated Slack</strong>");
        html.of("span", &[("class", "team")], &self.world.team.name);
        let here = self.back.split('?').next().unwrap_or_default();
        html.open("form", &[("method", "get"), ("action", here)]);
        html.raw("<label for=\"as\">You are</label><select id=\"as\" name=\"as\">");
        for user in self.world.users.iter().filter(|u| !u.is_bot && !u.is_deleted) {
            let mut attributes = vec![("value", user.id.as_str())];
            if user.id == self.user.id {
                attributes.push(("selected", ""));
            }
            html.of("option", &attributes, &user.real_name);
        }
        html.raw("</select><button>Change</button></form></header>");
    }

    fn rooms(&self, html: &mut Html) {
        html.raw("<nav aria-label=\"Channels\"><ul>");
        let is_seen =
            |c: &&Channel| c.health != Health::Gone && (c.kind == Kind::Public || c.members.contains(&self.user.id));
        for channel in self.world.channels.iter().filter(is_seen) {
            html.raw("<li>");
            let to = address(channel, self.user);
            let mut attributes = vec![("href", to.as_str())];
            if channel.id == self.channel.id {
                attributes.push(("aria-current", "page"));
            }
            html.of("a", &attributes, &title(self.world, channel));
            html.raw("</li>");
        }
        html.raw("</ul></nav>");
    }

    fn heading(&self, html: &mut Html) {
        html.raw("<div class=\"heading\">");
        html.of("h1", &[], &title(self.world, self.channel));
        let state = match self.channel.health {
            Health::Archived => "archived",
            Health::Gone => "gone",
            Health::Restricted => "restricted",
            Health::Active if !self.channel.is_member => "the app is not in this channel",
            Health::Active => "",
        };
        if !state.is_empty() {
            html.of("span", &[("class", "state")], state);
        }
        html.of("a", &[("href", &self.back)], "Reload");
        html.of("a", &[("href", &format!("{}&live=1", self.back))], "Follow");
        html.raw("</div>");
    }

    /// What the person sees when the app did not answer well.
    fn trouble(&self, html: &mut Html, last: Option<&Value>) {
        let Some(last) = last.filter(|l| l["user"] == self.user.id && l["ok"] == false) else { return };
        let what =
            last["command"].as_str().or(last["action_id"].as_str()).or(last["what"].as_str()).unwrap_or_default();
        let error = last["error"].as_str().unwrap_or("no answer");
        html.of("p", &[("class", "trouble"), ("role", "status")], &format!("{what} did not work: {error}"));
    }

    fn messages(&self, html: &mut Html) {
        html.raw("<ol class=\"messages\">");
        let here = self.channel.messages.iter().filter(|m| m.thread_ts.is_none() || m.is_broadcast);
        let mut shown = 0;
        for message in here.filter(|m| self.is_seen(m)) {
            self.message(html, message, message.thread_ts.is_none());
            shown += 1;
        }
        html.raw("</ol>");
        if shown == 0 {
            html.raw("<p class=\"empty\">Nothing has been said here yet.</p>");
        }
    }

    fn is_seen(&self, message: &Message) -> bool {
        let is_mine = message.only_for.as_ref().is_none_or(|u| *u == self.user.id);
        is_mine && (!message.is_deleted || self.channel.replies(&message.ts).next().is_some())
    }

    fn message(&self, html: &mut Html, message: &Message, with_thread: bool) {
        let is_app = message.user == self.world.app.user;
        let kind = if message.only_for.is_some() { "message only" } else { "message" };
        html.open("li", &[("class", kind), ("id", &format!("m{}", message.ts.replace('.', "-")))]);
        let own = self.world.user(&message.user).map_or("", |u| &u.real_name);
        let name = message.body["username"].as_str().unwrap_or(own);
        let first: String = name.chars().take(1).collect();
        html.of("span", &[("class", if is_app { "face app" } else { "face" }), ("aria-hidden", "true")], &first);
        html.raw("<div class=\"said\"><p class=\"who\">");
        html.of("strong", &[], name);
        if is_app {
            html.raw(" <span class=\"badge\">APP</span>");
        }
        html.raw(" ");
        html.of("time", &[], &self.time(&message.ts));
        if message.only_for.is_some() {
            html.raw(" <span class=\"note\">only visible to you</span>");
        }
        html.raw("</p>");
        if message.is_deleted {
            html.raw("<p class=\"note\">This message was deleted.</p>");
        } else {
            self.body(html, message);
        }
        if with_thread {
            self.thread(html, &message.ts);
        }
        html.raw("</div></li>");
    }

    fn thread(&self, html: &mut Html, ts: &str) {
        let replies = self.channel.messages.iter().filter(|m| m.thread_ts.as_deref() == Some(ts) && self.is_seen(m));
        let replies: Vec<&Message> = replies.collect();
        if replies.is_empty() {
            return;
        }
        let count = if replies.len() == 1 { "1 reply".to_owned() } else { format!("{} replies", replies.len()) };
        html.raw("<details open>");
        html.of("summary", &[], &count);
        html.raw("<ol class=\"messages\">");
        for reply in replies {
            self.message(html, reply, false);
        }
        html.raw("</ol></details>");
    }

    fn time(&self, ts: &str) -> String {
        let zone = jiff::tz::TimeZone::get(&self.user.tz).unwrap_or(jiff::tz::TimeZone::UTC);
        let at = us_of(ts).and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
        at.map(|at| at.to_zoned(zone).strftime("%m-%d %H:%M:%S").to_string()).unwrap_or_default()
    }

    fn composer(&self, html: &mut Html) {
        if self.channel.health != Health::Active || !self.channel.members.contains(&self.user.id) {
            return;
        }
        html.raw("<form class=\"composer\" method=\"post\" action=\"/_control/type\">");
        self.hidden(html);
        html.raw("<label for=\"line\">Message, or /command</label><input id=\"line\" name=\"text\" autocomplete=\"off\" required><button>Send</button></form>");
    }

    /// What every form needs: who, where, and the way back.
    fn hidden(&self, html: &mut Html) {
        html.hidden("user", &self.user.id);
        html.hidden("channel", &self.channel.id);
        html.hidden("back", &self.back);
    }
}
