//! The list of holidays that the Cabinet Office of Japan publishes, in whichever encoding it comes.

use model::hours::{HolidayLayer, HolidaySource, Problem};

/// The bytes of a list of holidays as the Cabinet Office of Japan publishes it, in UTF-8 or Shift_JIS.
pub fn holiday_file(bytes: &[u8], source: HolidaySource) -> Result<HolidayLayer, Problem> {
    let (utf8, _, has_errors) = encoding_rs::UTF_8.decode(bytes);
    let text = if has_errors { encoding_rs::SHIFT_JIS.decode(bytes).0 } else { utf8 };
    HolidayLayer::from_csv(source, &text)
}
