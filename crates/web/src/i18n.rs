//! Two languages of equal rank: which one a person gets, and every word that a page says. Never invents text: what has
//! no entry in the locale files shows as its key in brackets, and a test keeps that from happening.

use crate::markup::{isolated, shortened};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, langid};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;

pub use fluent_templates::fluent_bundle::FluentValue as Value;

mod loader {
    //! The locale files, read at build time.
    fluent_templates::static_loader! {
        pub(super) static LOCALES = {
            locales: "./locales",
            fallback_language: "en",
            customise: |bundle| {
                bundle.set_use_isolating(false);
                bundle.set_formatter(Some(|value, _| super::grouped(value)));
            },
        };
    }
}

const JA: LanguageIdentifier = langid!("ja");
const EN: LanguageIdentifier = langid!("en");

/// The languages of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Ja,
    En,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }

    /// The language's own name for itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ja => "日本語",
            Self::En => "English",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let primary = text.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|l| l.as_str().eq_ignore_ascii_case(primary))
    }

    /// The language for a request: what the address asks (`?lang=`) beats what the person or the cookie keeps, which
    /// beats the browser's wishes, which beat the installation's default.
    pub fn choose(query: Option<&str>, kept: Option<&str>, accept: Option<&str>, default: Self) -> Self {
        query
            .and_then(Self::parse)
            .or_else(|| kept.and_then(Self::parse))
            .or_else(|| accept.and_then(Self::from_accept))
            .unwrap_or(default)
    }

    /// The one of ours that an `Accept-Language` header likes best.
    pub fn from_accept(header: &str) -> Option<Self> {
        let mut best: Option<(u32, Self)> = None;
        for wish in header.split(',').take(32) {
            let mut parts = wish.split(';');
            let Some(language) = parts.next().and_then(Self::parse) else { continue };
            let quality = parts.find_map(|p| p.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()).unwrap_or(1.0);
            let per_mille = (quality.clamp(0.0, 1.0) * 1000.0) as u32;
            if per_mille > 0 && best.is_none_or(|(held, _)| per_mille > held) {
                best = Some((per_mille, language));
            }
        }
        best.map(|(_, language)| language)
    }

    /// The text of a key.
    pub fn t(self, key: &str) -> String {
        self.find(key, None).unwrap_or_else(|| missing(key))
    }

    /// The text of a key with its variables filled in.
    pub fn t_args(self, key: &str, args: &[(&'static str, Value<'static>)]) -> String {
        let map: HashMap<Cow<'static, str>, FluentValue<'static>> =
            args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        self.find(key, Some(&map)).unwrap_or_else(|| missing(key))
    }

    /// Our word for a name that comes from elsewhere (an effect, a source), or the name itself, cut if it is no name.
    pub fn word(self, family: &str, name: &str) -> String {
        let name = shortened(name, 80);
        let key = format!("{family}-{}", name.replace(['_', '.', '/'], "-"));
        self.find(&key, None).unwrap_or_else(|| isolated(&name).into_owned())
    }

    fn find(self, key: &str, args: Option<&HashMap<Cow<'static, str>, FluentValue<'static>>>) -> Option<String> {
        let id = match self {
            Self::Ja => &JA,
            Self::En => &EN,
        };
        loader::LOCALES.lookup_single_language(id, key, args).ok()
    }
}

/// Shown where a text is missing; no text of ours has these brackets.
fn missing(key: &str) -> String {
    format!("⟦{key}⟧")
}

/// What may stand in for a variable of a text.
pub trait Arg {
    fn value(&self) -> Value<'static>;
}

impl<T: Arg + ?Sized> Arg for &T {
    fn value(&self) -> Value<'static> {
        (**self).value()
    }
}

impl Arg for str {
    fn value(&self) -> Value<'static> {
        Value::from(isolated(self).into_owned())
    }
}

impl Arg for String {
    fn value(&self) -> Value<'static> {
        self.as_str().value()
    }
}

macro_rules! number_args {
    ($($kind:ty),*) => {$(
        impl Arg for $kind {
            fn value(&self) -> Value<'static> {
                Value::from(*self)
            }
        }
    )*};
}
number_args!(i64, u64, usize, u32, u16);

/// Whole numbers in groups of three, in both languages: 14,203.
fn grouped(value: &FluentValue<'_>) -> Option<String> {
    match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => Some(group(number.value as i64)),
        _ => None,
    }
}

/// A whole number in groups of three.
pub fn group(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        out.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_beats_the_cookie_and_the_cookie_beats_the_browser() {
        let choose = Language::choose;
        assert_eq!(choose(Some("en"), Some("ja"), Some("ja"), Language::Ja), Language::En);
        assert_eq!(choose(None, Some("ja"), Some("en"), Language::En), Language::Ja);
        assert_eq!(choose(Some("fr"), None, Some("fr, en-GB;q=0.7, ja;q=0.9"), Language::En), Language::Ja);
        assert_eq!(choose(None, None, Some("fr"), Language::Ja), Language::Ja);
        assert_eq!(Language::from_accept("ja;q=0, en;q=0.1"), Some(Language::En));
    }

    #[test]
    fn numbers_are_grouped_and_names_are_not_taken_for_numbers() {
        assert_eq!(group(14_203), "14,203");
        assert_eq!(group(-1_000), "−1,000");
        assert_eq!(group(999), "999");
        assert_eq!(Language::En.word("effect", "brand_new"), "brand_new");
    }
}
