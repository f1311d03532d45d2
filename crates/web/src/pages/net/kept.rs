//! What the reading of a mail keeps beside the columns of its row, in the shape in which it was written. Older shapes count
//! as none.

use crate::view::ReadMail;
use model::mail::{Envelope, Reading};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Kept {
    pub reading: Reading,
    pub text: String,
    pub from_name: String,
    pub to: Vec<String>,
    pub trust_why: String,
    pub notes: Vec<String>,
    pub envelope: Envelope,
}

impl Kept {
    pub(crate) fn shown(self) -> ReadMail {
        ReadMail {
            reading: self.reading,
            text: self.text,
            from_name: self.from_name,
            to: self.to,
            trust_why: self.trust_why,
            notes: self.notes,
            envelope: self.envelope,
        }
    }
}
