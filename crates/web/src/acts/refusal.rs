//! Why somebody can't act, in words with the remedy. Decides nothing.

use crate::i18n::Arg;
use crate::{Language, problem::Fault};
use duties::acts::WhyNot;

/// Why somebody, or the program that asks, can't act in PagerDuty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Not(WhyNot),
    /// The token was made by nobody who has an account here.
    NobodysToken,
    /// The account that made the token is disabled.
    MakerDisabled,
    /// The account that made the token does not see the incident.
    MakerScope,
}

/// What the words name besides the reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
    /// The mail address by which a PagerDuty user is looked for.
    pub mail: String,
    /// Whose key it is.
    pub owner: String,
}

impl Refusal {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Not(why) => why.as_str(),
            Self::NobodysToken => "nobodys_token",
            Self::MakerDisabled => "maker_disabled",
            Self::MakerScope => "maker_scope",
        }
    }

    /// One sentence or two: the reason, and what to do.
    pub(crate) fn words(self, language: Language, named: &Named) -> String {
        let key = match self {
            Self::Not(WhyNot::Role) => "why-not-role",
            Self::Not(WhyNot::NoToken) => "why-not-no-token",
            Self::Not(WhyNot::ReadOnlyKey) => "why-not-read-only-key",
            Self::Not(WhyNot::NotKnownYet) => "why-not-not-known-yet",
            Self::Not(WhyNot::NoUser) => "why-not-no-user",
            Self::Not(WhyNot::ReadOnlyUser) => "why-not-read-only-user",
            Self::Not(WhyNot::SomebodyElsesKey) => "why-not-somebody-elses-key",
            Self::NobodysToken => "why-not-nobodys-token",
            Self::MakerDisabled => "why-not-maker-disabled",
            Self::MakerScope => "why-not-maker-scope",
        };
        language.t_args(key, &[("mail", named.mail.value()), ("owner", named.owner.value())])
    }

    pub(crate) fn fault(self, named: &Named) -> Fault {
        Fault::MayNotAct { reason: self.as_str(), detail: self.words(Language::En, named) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_words_and_a_remedy_of_its_own_in_both_languages() {
        let own = [Refusal::NobodysToken, Refusal::MakerDisabled, Refusal::MakerScope];
        let all: Vec<Refusal> = WhyNot::ALL.into_iter().map(Refusal::Not).chain(own).collect();
        let named = Named { mail: "sato@example.jp".into(), owner: "Tanaka".into() };
        for language in Language::ALL {
            let mut said: Vec<String> = all.iter().map(|why| why.words(language, &named)).collect();
            for words in &said {
                assert!(!words.contains('⟦') && words.chars().count() > 25, "{words}");
            }
            said.sort();
            said.dedup();
            assert_eq!(said.len(), all.len());
        }
        assert!(Refusal::Not(WhyNot::NoUser).words(Language::Ja, &named).contains("sato@example.jp"));
        assert!(Refusal::Not(WhyNot::SomebodyElsesKey).words(Language::En, &named).contains("Tanaka"));
    }
}
