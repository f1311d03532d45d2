//! The host's clock, and how far it is off.

use jiff::Timestamp;

use super::super::shell::length_ms;
use super::super::trouble::Trouble;
use super::Call;
use crate::clock::{plus_ms, plus_s};

/// The clock as it stands after what this command line has waited for.
fn now(call: &Call<'_, '_>) -> Timestamp {
    plus_ms(call.machine.clock(), i64::try_from(length_ms(&call.beats).min(86_400_000)).unwrap_or(0))
}

pub(super) fn date(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-d", "--date", "-r", "-s"]);
    let mut at = now(call);
    if let Some(text) = options.value_of(&["-d", "--date"]) {
        match moved(at, text) {
            Some(own) => at = own,
            None => {
                let text = text.to_owned();
                call.complain(&format!("invalid date '{text}'"));
                return 1;
            }
        }
    }
    let is_utc = options.any(&["-u", "--utc", "--universal"]) || call.machine.is_utc();
    let show = |format: &str| {
        if is_utc {
            at.to_zoned(jiff::tz::TimeZone::UTC).strftime(&format.replace("%Z", "UTC")).to_string()
        } else {
            call.machine.time(at, format)
        }
    };
    let format = options.operands().iter().find_map(|own| own.strip_prefix('+'));
    let text = match format {
        Some(own) => show(&own.replace("%N", &format!("{:09}", at.subsec_nanosecond()))),
        None if options.any(&["-Is", "-I", "--iso-8601"]) => show("%Y-%m-%dT%H:%M:%S%:z"),
        None if options.any(&["-R", "--rfc-email"]) => show("%a, %d %b %Y %H:%M:%S %z"),
        None => show("%a %b %e %H:%M:%S %Z %Y"),
    };
    call.line(text);
    0
}

/// `@SECONDS`, `-5 minutes`, `1 hour ago`, `yesterday`
fn moved(at: Timestamp, text: &str) -> Option<Timestamp> {
    if let Some(seconds) = text.strip_prefix('@') {
        return Timestamp::from_second(seconds.parse().ok()?).ok();
    }
    if let Ok(own) = text.parse::<Timestamp>() {
        return Some(own);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let unit_s = |word: &str| match word.trim_end_matches('s') {
        "sec" | "second" => Some(1),
        "min" | "minute" => Some(60),
        "hour" => Some(3_600),
        "day" => Some(86_400),
        "week" => Some(604_800),
        _ => None,
    };
    match words.as_slice() {
        ["now"] => Some(at),
        ["yesterday"] => Some(plus_s(at, -86_400)),
        [n, unit] => Some(plus_s(at, n.parse::<i64>().ok()? * unit_s(unit)?)),
        [n, unit, "ago"] => Some(plus_s(at, -n.parse::<i64>().ok()? * unit_s(unit)?)),
        _ => None,
    }
}

fn is_in_step(call: &Call<'_, '_>) -> bool {
    !call.machine.suffers(|t| matches!(t, Trouble::ClockOff { .. }))
}

pub(super) fn timedatectl(call: &mut Call<'_, '_>) -> i32 {
    let (machine, at) = (call.machine, now(call));
    let zone = if machine.is_utc() { "Etc/UTC (UTC, +0000)" } else { "Asia/Tokyo (JST, +0900)" };
    let in_step = if is_in_step(call) { "yes" } else { "no" };
    if call.args.get(1).map(String::as_str) == Some("show") {
        call.say(format!(
            "Timezone={}\nLocalRTC=no\nCanNTP=yes\nNTP=yes\nNTPSynchronized={in_step}\n",
            zone.split(' ').next().unwrap_or_default()
        ));
        return 0;
    }
    let utc = at.strftime("%a %Y-%m-%d %H:%M:%S UTC").to_string();
    call.say(format!(
        "               Local time: {}\n           Universal time: {utc}\n                 RTC time: \
             {}\n                Time zone: {zone}\n\
             System clock synchronized: {in_step}\n              NTP service: active\n          RTC in local TZ: no\n",
        machine.time(at, "%a %Y-%m-%d %H:%M:%S %Z"),
        at.strftime("%a %Y-%m-%d %H:%M:%S")
    ));
    0
}

pub(super) fn chronyc(call: &mut Call<'_, '_>) -> i32 {
    let word = call.options(&["-h"]).operands().first().cloned().unwrap_or_default();
    let in_step = is_in_step(call);
    let off = call.machine.clock_off_s();
    match word.as_str() {
        "tracking" => {
            let (reference, stratum, leap) = if in_step {
                ("0A140002 (ntp1.noc.example.com)", 3, "Normal")
            } else {
                ("00000000 ()", 0, "Not synchronised")
            };
            let (size, way) = if off == 0 {
                ("0.000041227".to_owned(), "slow")
            } else {
                (format!("{}.412071203", off.abs()), if off > 0 { "fast" } else { "slow" })
            };
            let at = plus_s(call.machine.now, if in_step { -311 } else { -90_000 })
                .strftime("%a %b %d %H:%M:%S %Y")
                .to_string();
            call.say(format!(
                "Reference ID    : {reference}\nStratum         : {stratum}\n\
                 Ref time (UTC)  : {at}\nSystem time     : {size} seconds {way} of NTP time\n\
                 Last offset     : +0.000012811 seconds\nRMS offset      : 0.000038112 seconds\n\
                 Frequency       : 11.203 ppm slow\nResidual freq   : +0.002 ppm\n\
                 Skew            : 0.041 ppm\nRoot delay      : 0.001921341 seconds\n\
                 Root dispersion : 0.000812412 seconds\nUpdate interval : 1024.8 seconds\n\
                 Leap status     : {leap}\n"
            ));
            0
        }
        "sources" => {
            let (mark, reach) = if in_step { ("^*", "377") } else { ("^?", "0") };
            call.say(format!(
                "MS Name/IP address         Stratum Poll Reach LastRx Last sample               \n\
                 ===============================================================================\n\
                 {mark} ntp1.noc.example.com          2  10   {reach}   311    -12us[  -14us] +/-  981us\n\
                 {} ntp2.noc.example.com          2  10   {reach}   702    +41us[  +40us] +/- 1204us\n",
                if in_step { "^-" } else { "^?" }
            ));
            0
        }
        _ => {
            call.error("Unrecognized command");
            1
        }
    }
}

pub(super) fn hwclock(call: &mut Call<'_, '_>) -> i32 {
    if !call.is_root() {
        call.complain("Cannot access the Hardware Clock via any known method.");
        return 1;
    }
    let text = call.machine.time(call.machine.now, "%Y-%m-%d %H:%M:%S.312440+09:00");
    call.line(text);
    0
}
