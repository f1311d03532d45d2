//! From a card to Slack's blocks. Foreign text stays text; people are called by name only where the card says so.

use connectors::slack::{Block, Button, Confirm, Element, GroupId, Markup, Message as Post, Press, Style, UserId};
use duties::say::Language;
use model::message::{Card, Look, Message};

/// Said where nobody can know whether it was said before.
const MAY_BE_A_REPEAT: &str = "(may be a repeat / 再送の可能性あり)";

pub fn message(message: &Message, may_be_a_repeat: bool) -> Post {
    card(&Card::of(message.clone()), Language::En, may_be_a_repeat)
}

pub fn card(card: &Card, language: Language, may_be_a_repeat: bool) -> Post {
    let message = &card.message;
    let mut blocks = vec![Block::Section(Markup::bold(&message.headline))];
    blocks.extend(message.lines.iter().map(|line| Block::Section(Markup::text(line))));
    let called: Vec<Markup> = card.mentions.iter().filter_map(|id| called(id)).collect();
    if !called.is_empty() {
        blocks.push(Block::Context(called));
    }
    let mut small: Vec<Markup> = card.small.iter().map(|line| Markup::text(line)).collect();
    if may_be_a_repeat {
        small.push(Markup::text(MAY_BE_A_REPEAT));
    }
    if !small.is_empty() {
        blocks.push(Block::Context(small));
    }
    let elements: Vec<Element> = card.presses.iter().map(|press| pressed(press, language)).chain(links(card)).collect();
    if !elements.is_empty() {
        blocks.push(Block::Actions { block_id: "arayashiki".into(), elements });
    }
    Post { text: message.plain(), blocks }
}

/// A person or a group; what is neither is nobody's name.
fn called(id: &str) -> Option<Markup> {
    let person = UserId::parse(id).map(|id| Markup::person(&id));
    person.or_else(|| GroupId::parse(id).map(|id| Markup::group(&id)))
}

/// Where nothing can be pressed, the first link is what most people want.
fn links(card: &Card) -> impl Iterator<Item = Element> + '_ {
    let is_main = card.presses.is_empty();
    card.message.links.iter().enumerate().map(move |(n, link)| {
        Element::Open(Button {
            text: link.text.clone(),
            url: link.url.clone(),
            style: (is_main && n == 0).then_some(Style::Primary),
        })
    })
}

fn pressed(press: &model::message::Press, language: Language) -> Element {
    let (yes, no) = match language {
        Language::Ja => ("はい", "やめる"),
        Language::En => ("Yes", "No"),
    };
    let confirm = press.confirm.as_ref().map(|text| Confirm {
        title: press.text.clone(),
        text: text.clone(),
        yes: yes.into(),
        no: no.into(),
    });
    Element::Press(Press {
        text: press.text.clone(),
        action_id: press.act.clone(),
        value: press.value.clone(),
        style: match press.look {
            Look::Plain => None,
            Look::Main => Some(Style::Primary),
            Look::Final => Some(Style::Danger),
        },
        confirm,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_groups_are_called_by_their_ids_and_by_nothing_else() {
        let mentions = ["U0AAA1", "S0BBB2", "<!channel>", "S1|<!here>", "subteam^S1", "C0CCC3", ""].map(str::to_owned);
        let post = card(&Card { mentions: mentions.into(), ..Card::of(Message::new("x")) }, Language::En, false);
        let wanted =
            vec![Markup::person(&UserId::parse("U0AAA1").unwrap()), Markup::group(&GroupId::parse("S0BBB2").unwrap())];
        assert!(post.blocks.contains(&Block::Context(wanted)), "{post:?}");
    }
}
