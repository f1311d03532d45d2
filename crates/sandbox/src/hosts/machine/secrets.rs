//! Secrets that lie about on the machines as they do in life: in arguments, environments, logs and settings. All are made from the
//! seed while the world runs, so that none stands in the source, and none opens anything.

use crate::dice::Dice;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Secrets {
    pub db_password: String,
    pub api_token: String,
    pub aws_key_id: String,
    pub aws_secret: String,
    pub session: String,
    pub jwt: String,
    pub redis_password: String,
    pub smtp_password: String,
    pub webhook: String,
}

impl Secrets {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let part = |dice: &mut Dice, length| dice.secret(length);
        Self {
            db_password: format!("{}-{}", part(dice, 9), part(dice, 7)),
            api_token: format!("ghp{}{}", '_', part(dice, 36)),
            aws_key_id: dice.code(&["AK", "IA"].concat(), 20),
            aws_secret: part(dice, 40),
            session: dice.hex(32),
            jwt: format!("{}{}.{}{}.{}", "ey", part(dice, 34), "ey", part(dice, 90), part(dice, 43)),
            redis_password: part(dice, 24),
            smtp_password: part(dice, 16),
            webhook: format!(
                "https://hooks.example.com/services/T{}/B{}/{}",
                dice.code("", 8),
                dice.code("", 8),
                part(dice, 24)
            ),
        }
    }

    /// Every one, for whoever wants to know that none has come out.
    pub(in crate::hosts) fn all(&self) -> Vec<String> {
        let own = [
            &self.db_password,
            &self.api_token,
            &self.aws_key_id,
            &self.aws_secret,
            &self.session,
            &self.jwt,
            &self.redis_password,
            &self.smtp_password,
        ];
        own.into_iter().cloned().collect()
    }
}
