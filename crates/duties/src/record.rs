//! Showing the record's checkpoints outside: when, and in what words. Shows nothing itself.

use crate::Language;
use model::Micros;
use model::action::{Action, Effect, Outside, Precondition, Queue};
use model::chain::checkpoint::Note;
use model::message::Message;

pub const DUTY: &str = "record";
/// The kind of its posts.
pub const CHANNEL: &str = "record";

/// A way to show a checkpoint outside, and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    Slack {
        channel: String,
    },
    Mail {
        to: String,
    },
    /// A bucket with Object Lock.
    Bucket {
        bucket: String,
        prefix: String,
    },
}

impl Way {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Slack { .. } => "slack",
            Self::Mail { .. } => "mail",
            Self::Bucket { .. } => "s3",
        }
    }

    /// Where people find it again.
    pub fn place(&self, checkpoint: i64) -> String {
        match self {
            Self::Slack { channel } => channel.clone(),
            Self::Mail { to } => to.clone(),
            Self::Bucket { bucket, .. } => format!("s3://{bucket}/{}", self.object(checkpoint)),
        }
    }

    /// The object's name in the bucket.
    pub fn object(&self, checkpoint: i64) -> String {
        let prefix = match self {
            Self::Bucket { prefix, .. } => prefix.trim_matches('/'),
            _ => "",
        };
        let slash = if prefix.is_empty() { "" } else { "/" };
        format!("{prefix}{slash}checkpoint-{checkpoint:010}.txt")
    }
}

/// Whether another one is to be shown: what was shown last is old enough, and there is a newer one.
pub fn is_due(shown: Option<(Micros, &Note)>, newest: &Note, every_s: i64, now: Micros) -> bool {
    shown.is_none_or(|(at, note)| {
        note.checkpoint.size < newest.checkpoint.size && (now >= at.plus_s(every_s) || now < at)
    })
}

/// Shows anchor `anchor`, which is of this checkpoint.
pub fn action(way: &Way, anchor: i64, note: &Note, language: Language) -> Action {
    let effect = match way {
        Way::Slack { channel } => {
            Effect::Tell { channel: CHANNEL.to_owned(), to: Some(channel.clone()), message: message(note, language) }
        }
        Way::Mail { .. } => Effect::Anchor { anchor, by: Outside::Mail },
        Way::Bucket { .. } => Effect::Anchor { anchor, by: Outside::Bucket },
    };
    Action {
        key: format!("{DUTY}/anchor/{}/{anchor}", way.name()),
        duty: DUTY.to_owned(),
        subject: DUTY.to_owned(),
        lane: format!("{DUTY}/{}", way.name()),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: format!("the record has {} entries, and the outside is to know", note.checkpoint.size),
        customer: None,
        queue: Queue::Live,
    }
}

/// The checkpoint as people see it, its text as it was signed.
pub fn message(note: &Note, language: Language) -> Message {
    let size = note.checkpoint.size;
    let (headline, keep) = match language {
        Language::Ja => (
            format!("記録のチェックポイント: {size}件"),
            "このまま残してください。`arayashiki report verify --store --anchor FILE` で今の記録と突き合わせられます。",
        ),
        Language::En => (
            format!("Checkpoint of the record: {size} entries"),
            "Keep this as it is: `arayashiki report verify --store --anchor FILE` holds the record against it.",
        ),
    };
    let text = note.text();
    Message::new(headline).and(text.trim_end().lines().map(str::to_owned)).line("").line(keep)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::chain::Hash;
    use model::chain::checkpoint::{Checkpoint, VerifierKey};

    fn note(size: u64) -> Note {
        let (root, head) = (Hash::of(b"root"), Hash::of(b"head"));
        let checkpoint = Checkpoint { origin: "example/record".into(), size, root, head, at: Micros(1_000_000) };
        Note::new(checkpoint, &VerifierKey { name: "example/record".into(), public: [7; 32] }, [9; 64])
    }

    #[test]
    fn it_is_shown_at_intervals_and_only_when_there_is_more() {
        let (old, new) = (note(5), note(6));
        assert!(is_due(None, &new, 60, Micros(0)));
        let shown = Some((Micros::from_seconds(100), &old));
        assert!(!is_due(shown, &new, 60, Micros::from_seconds(159)));
        assert!(is_due(shown, &new, 60, Micros::from_seconds(160)));
        assert!(is_due(shown, &new, 60, Micros::from_seconds(99)), "a clock that was set back holds nothing up");
        assert!(!is_due(shown, &old, 60, Micros::from_seconds(999)));
    }

    #[test]
    fn what_people_see_holds_the_checkpoint_and_can_be_read_again() {
        for language in [Language::Ja, Language::En] {
            let text = message(&note(5), language).plain();
            assert_eq!(Note::find(&text), Some(note(5)), "{text}");
        }
    }

    #[test]
    fn each_way_has_a_place_that_people_find() {
        let bucket = |prefix: &str| Way::Bucket { bucket: "b".into(), prefix: prefix.into() };
        assert_eq!(bucket("a/").place(7), "s3://b/a/checkpoint-0000000007.txt");
        assert_eq!(bucket("").object(7), "checkpoint-0000000007.txt");
        let mail = Way::Mail { to: "audit@example.jp".into() };
        assert_eq!(action(&mail, 3, &note(5), Language::En).key, "record/anchor/mail/3");
    }
}
