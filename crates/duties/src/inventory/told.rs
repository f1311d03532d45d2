//! What was found of an incident's hosts, in words for people. Names no other customer.

use super::find::{Found, Source, Unclear, Unknown, Why};
use crate::say::{Language, say};
use model::host::{Host, Refusal};
use model::plan::Words;
use model::visit::{Seen, Visit};

impl Found<'_> {
    /// What is kept of it and shown: no run is asked for yet.
    pub fn visit(&self) -> Visit {
        let mut hints: Vec<Words> = Vec::new();
        if !self.beyond.is_empty() {
            hints.push(both(|language| beyond(language, &self.beyond)));
        }
        hints.extend(self.unclear.iter().map(|unclear| both(|language| unclear_line(language, unclear))));
        hints.extend(self.bastions.iter().map(|name| both(|language| bastion_line(language, name))));
        hints.extend(self.unknown.iter().map(|unknown| both(|language| unknown_line(language, unknown))));
        let seen =
            |(host, why): &(&Host, Why)| Seen { host: host.name.clone(), why: both(|language| because(language, why)) };
        let refused = self.refused.iter().map(|(host, why, refusal)| Seen {
            host: named(host, why, *refusal).to_owned(),
            why: both(|language| refused(language, host, why, *refusal)),
        });
        Visit {
            says: both(|language| self.headline(language)),
            hosts: self.hosts.iter().map(seen).collect(),
            refused: refused.collect(),
            unknown: self.unknown.iter().map(|unknown| unknown.word.clone()).collect(),
            hints,
            ..Visit::default()
        }
    }

    fn headline(&self, language: Language) -> String {
        match self.hosts.as_slice() {
            [] => self.nothing(language),
            hosts => {
                let names = names(hosts.iter().map(|(host, _)| *host));
                say!(language, ja: "ホスト {count} 台: {names}", en: "Hosts ({count}): {names}", count = hosts.len(), names = names)
            }
        }
    }

    /// A line for each thing that was found out, the most useful first. Never empty.
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines: Vec<String> = self.hosts.iter().map(|(host, why)| visited(language, host, why)).collect();
        if self.hosts.is_empty() {
            lines.push(self.nothing(language));
        }
        if !self.beyond.is_empty() {
            lines.push(beyond(language, &self.beyond));
        }
        lines.extend(self.refused.iter().map(|(host, why, refusal)| refused(language, host, why, *refusal)));
        lines.extend(self.unclear.iter().map(|unclear| unclear_line(language, unclear)));
        lines.extend(self.bastions.iter().map(|name| bastion_line(language, name)));
        lines.extend(self.unknown.iter().map(|unknown| unknown_line(language, unknown)));
        lines
    }

    /// Why no host is visited.
    fn nothing(&self, language: Language) -> String {
        if !self.are_any {
            return say!(language,
                ja: "診断できるホストがありません。このインシデントのお客様のホストを [[host]] か [inventory] で登録してください。",
                en: "There is no host that this incident may lead to: give its customer's hosts by [[host]] or [inventory].");
        }
        if self.refused.is_empty() && self.unclear.is_empty() && self.unknown.is_empty() && self.bastions.is_empty() {
            return say!(language,
                ja: "ホストが見つかりません。件名・本文・詳細・サービス名にホスト名らしい語がありません。ホストの match に、件名に出る語を書いてください。",
                en: "No host was found: neither title, text, details nor service have a word that looks like one. Write a text of such titles into the host's match.");
        }
        say!(language, ja: "診断するホストはありません。", en: "No host is looked at.")
    }
}

fn both(told: impl Fn(Language) -> String) -> Words {
    Words::new(told(Language::En), told(Language::Ja))
}

/// What a host that is refused may be called: another customer's by the incident's own word alone.
fn named<'a>(host: &'a Host, why: &'a Why, refusal: Refusal) -> &'a str {
    match refusal {
        Refusal::AnotherCustomer | Refusal::IncidentOfNobody => &why.word,
        Refusal::HostOfNobody => &host.name,
    }
}

fn bastion_line(language: Language, name: &str) -> String {
    say!(language,
        ja: "{name} は踏み台です。診断するなら、同じアドレスの [[host]] を書いてください。",
        en: "{name} is a bastion: to have it looked at, write a [[host]] with its address.", name = name)
}

fn visited(language: Language, host: &Host, why: &Why) -> String {
    let because = because(language, why);
    say!(language, ja: "{name}: {because}", en: "{name}: {because}", name = host.name, because = because)
}

fn because(language: Language, why: &Why) -> String {
    let word = &why.word;
    match &why.source {
        Source::Field(field) => {
            say!(language, ja: "詳細の {field} が {word}", en: "{field} of the details is {word}", field = field, word = word)
        }
        Source::Mail => {
            say!(language, ja: "アラートメールのホストが {word}", en: "an alert mail names {word}", word = word)
        }
        Source::Match => {
            say!(language, ja: "ホストの match に設定した「{word}」がある", en: "\"{word}\" is there, which is set in its match", word = word)
        }
        Source::Title => say!(language, ja: "件名に {word} がある", en: "the title has {word}", word = word),
        Source::Text => {
            say!(language, ja: "本文か詳細に {word} がある", en: "the text or the details have {word}", word = word)
        }
        Source::Service => {
            say!(language, ja: "サービス名に {word} がある", en: "the service's name has {word}", word = word)
        }
        Source::Tag => say!(language, ja: "タグの値 {word} がある", en: "its tag's value {word} is there", word = word),
    }
}

fn beyond(language: Language, hosts: &[(&Host, Why)]) -> String {
    let names = names(hosts.iter().map(|(host, _)| *host));
    say!(language,
        ja: "上限を超えるため診断しないホスト {count} 台: {names} ([inventory] max_hosts)",
        en: "{count} more are not looked at, since [inventory] max_hosts allows no more: {names}",
        count = hosts.len(), names = names)
}

fn refused(language: Language, host: &Host, why: &Why, refusal: Refusal) -> String {
    let name = named(host, why, refusal);
    match refusal {
        Refusal::AnotherCustomer => say!(language,
            ja: "{name}: 別のお客様のホストなので診断しません。",
            en: "{name}: a host of another customer, so it is not looked at.", name = name),
        Refusal::IncidentOfNobody => say!(language,
            ja: "{name}: お客様のホストですが、このインシデントのお客様が分からないので診断しません。[[customer]] の services にこのサービスを加えてください。",
            en: "{name}: a customer's host, and nobody knows whose this incident is, so it is not looked at. Add the service to a [[customer]].", name = name),
        Refusal::HostOfNobody => say!(language,
            ja: "{name}: どのお客様のホストか分からないので診断しません。このホストに customer を書いてください。",
            en: "{name}: nobody knows whose host it is, so it is not looked at. Write customer for it.", name = name),
    }
}

fn unclear_line(language: Language, unclear: &Unclear<'_>) -> String {
    let names = names(unclear.hosts.iter().copied());
    say!(language,
        ja: "{word}: 複数のホストに当てはまるので診断しません ({names})。監視の host 項目に完全な名前を入れてください。",
        en: "{word}: several hosts have that name, so none is looked at ({names}). Let the monitor send the full name in host.",
        word = unclear.word, names = names)
}

fn unknown_line(language: Language, unknown: &Unknown) -> String {
    let word = &unknown.word;
    match &unknown.nearest {
        Some(near) => say!(language,
            ja: "{word}: 登録のないホストです。{near} のことなら、その match に {word} を加えてください。",
            en: "{word}: no host that is known. If {near} is meant, add {word} to its match.", word = word, near = near),
        None => say!(language,
            ja: "{word}: 登録のないホストです。[[host]] か [inventory] の元に加えてください。",
            en: "{word}: no host that is known. Add it by [[host]] or to a source of [inventory].", word = word),
    }
}

const MOST_NAMES: usize = 8;

fn names<'a>(hosts: impl Iterator<Item = &'a Host>) -> String {
    let all: Vec<&str> = hosts.map(|host| host.name.as_str()).collect();
    let shown = all.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    if all.len() > MOST_NAMES { format!("{shown}, …") } else { shown }
}
