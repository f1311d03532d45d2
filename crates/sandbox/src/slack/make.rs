//! The small workspace that there is at the start: a team, an app with its bot, some people, the channels. One seed gives one workspace.

use std::collections::BTreeMap;

use serde::Serialize;

use super::limits::Book;
use super::world::{App, Kind, Team, TokenHealth, Urls, User, World};
use super::{Options, api};
use crate::clock::real_now;
use crate::dice::Dice;

/// Somebody in the workspace.
#[derive(Debug, Clone)]
pub struct Person {
    /// The short name that Slack shows.
    pub name: String,
    pub real_name: String,
    pub email: String,
    pub tz: String,
    pub is_admin: bool,
}

/// How a client finds somebody.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    pub id: String,
    pub email: String,
    pub real_name: String,
}

const PEOPLE: [(&str, &str, &str); 8] = [
    ("hanako", "Sato Hanako", "sato.hanako@example.com"),
    ("yoko", "鈴木 陽子", "suzuki.yoko@example.com"),
    ("ken", "Tanaka Ken", "tanaka.ken@example.com"),
    ("ryo", "Takahashi Ryo", "takahashi.ryo@example.com"),
    ("mei", "Kobayashi Mei", "kobayashi.mei@example.com"),
    ("shota", "山本 翔太", "yamamoto.shota@example.com"),
    ("makoto", "Ito Makoto", "ito.makoto@example.com"),
    ("aoi", "中村 葵", "nakamura.aoi@example.com"),
];

pub(super) fn people() -> Vec<Person> {
    let person = |(name, real_name, email): (&str, &str, &str)| Person {
        name: name.into(),
        real_name: real_name.into(),
        email: email.into(),
        tz: "Asia/Tokyo".into(),
        is_admin: name == "makoto",
    };
    PEOPLE.into_iter().map(person).collect()
}

/// A channel that the bot is not in, so that there is one.
const WITHOUT_BOT: &str = "general";

pub(super) fn world(options: &Options, mut dice: Dice, team: String, base: &str) -> World {
    let app = app(&mut dice);
    let mut users: Vec<User> = options.people.iter().map(|p| user(&mut dice, p)).collect();
    let people: Vec<String> = users.iter().map(|u| u.id.clone()).collect();
    users.push(User {
        id: app.user.clone(),
        name: "arayashiki".into(),
        real_name: "Arayashiki".into(),
        email: String::new(),
        tz: "Asia/Tokyo".into(),
        is_bot: true,
        is_admin: false,
        is_deleted: false,
    });
    let now = real_now();
    let mut world = World {
        dice,
        now,
        last_us: now.as_microsecond(),
        base: base.to_owned(),
        team: Team { id: team, domain: "example".into(), name: "Example Operations".into() },
        app,
        users,
        channels: Vec::new(),
        files: Vec::new(),
        views: Vec::new(),
        triggers: Vec::new(),
        answers: Vec::new(),
        tickets: Vec::new(),
        limits: Book::new(options.limits.clone(), options.burst),
        is_down: false,
        urls: Urls {
            interactions: options.interactions_url.clone(),
            commands: options.commands_url.clone(),
            events: options.events_url.clone(),
        },
        deadline_ms: options.deadline_ms,
        notes: Vec::new(),
    };
    rooms(&mut world, &options.channels, &people);
    world
}

fn rooms(world: &mut World, names: &[String], people: &[String]) {
    let bot = world.app.user.clone();
    for name in names {
        let (id, members) = (world.dice.code("C", 11), people.iter().cloned().chain([bot.clone()]).collect());
        world.add_channel(id, name.clone(), Kind::Public, members);
    }
    if world.place(WITHOUT_BOT).is_none() {
        let id = world.dice.code("C", 11);
        world.add_channel(id, WITHOUT_BOT.into(), Kind::Public, people.to_vec());
    }
}

fn user(dice: &mut Dice, person: &Person) -> User {
    User {
        id: dice.code("U", 11),
        name: person.name.clone(),
        real_name: person.real_name.clone(),
        email: person.email.clone(),
        tz: person.tz.clone(),
        is_bot: false,
        is_admin: person.is_admin,
        is_deleted: false,
    }
}

fn app(dice: &mut Dice) -> App {
    let number = |dice: &mut Dice| dice.between(1_000_000_000_000, 9_999_999_999_999);
    let id = dice.code("A", 11);
    App {
        user: dice.code("U", 11),
        bot: dice.code("B", 11),
        bot_token: format!("xoxb-{}-{}-{}", number(dice), number(dice), dice.secret(24)),
        app_token: format!("xapp-1-{id}-{}-{}", number(dice), dice.hex(64)),
        id,
        signing_secret: dice.hex(32),
        bot_health: TokenHealth::Active,
        app_health: TokenHealth::Active,
        scopes: api::SCOPES.map(str::to_owned).to_vec(),
    }
}

pub(super) fn channels(world: &World) -> BTreeMap<String, String> {
    world.channels.iter().map(|c| (c.name.clone(), c.id.clone())).collect()
}

pub(super) fn known(world: &World) -> BTreeMap<String, Known> {
    let of = |u: &User| Known { id: u.id.clone(), email: u.email.clone(), real_name: u.real_name.clone() };
    world.users.iter().map(|u| (u.name.clone(), of(u))).collect()
}
