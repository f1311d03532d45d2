//! Streams: what a host says, kept as it comes. Sealed like originals (redaction finds most secrets, not all), in frames of
//! one size, so that little memory is needed, a page can be had out of the middle, and every byte is still accounted for.
//! Never shows a stream that was not finished.

mod form;
mod read;
mod write;

pub use read::Reader;
pub use write::Writer;
