//! The colours of the stylesheet, measured: every pair that carries meaning reaches WCAG 2.2 AA in light and dark.

use std::collections::BTreeMap;

const CSS: &str = include_str!("../../static/arayashiki.css");
const STATES: [&str; 5] = ["triggered", "acknowledged", "resolved", "missing", "unknown"];

/// The variables of the light block and of the dark one.
fn palettes() -> [BTreeMap<String, [f64; 3]>; 2] {
    let mut blocks = CSS.match_indices(":root {").map(|(at, _)| {
        let body = &CSS[at..];
        &body[..body.find('}').expect("the block ends")]
    });
    [(); 2].map(|()| colours(blocks.next().expect("two blocks of variables")))
}

fn colours(block: &str) -> BTreeMap<String, [f64; 3]> {
    block
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": #"))
        .map(|(name, hex)| {
            let part = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")) / 255.0;
            (name.to_owned(), [part(0), part(2), part(4)])
        })
        .collect()
}

fn luminance(rgb: [f64; 3]) -> f64 {
    let linear = rgb.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_measure_is_right() {
    let (black, white) = ([0.0; 3], [1.0; 3]);
    assert!((contrast(black, white) - 21.0).abs() < 0.01);
    assert!((contrast([119.0 / 255.0; 3], white) - 4.48).abs() < 0.01);
}

#[test]
fn text_reaches_4_5_and_outlines_reach_3_in_light_and_dark() {
    for (theme, palette) in ["light", "dark"].iter().zip(palettes()) {
        let least = |front: &str, back: &str, wanted: f64| {
            let reached = contrast(palette[front], palette[back]);
            assert!(reached >= wanted, "{theme}: {front} on {back} is {reached:.2}, wanted {wanted}");
        };
        for back in ["paper", "wash", "field"] {
            for front in ["ink", "soft", "accent"].into_iter().chain(STATES) {
                least(front, back, 4.5);
            }
            least("rule", back, 3.0);
        }
        least("on-accent", "accent", 4.5);
    }
}

#[test]
fn both_themes_have_the_same_variables() {
    let [light, dark] = palettes();
    assert!(light.len() >= 14);
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>());
}

#[test]
fn colour_comes_from_the_variables_alone_and_the_sheet_stays_short() {
    assert!(CSS.lines().count() < 600);
    let after_blocks = CSS.split("/* ---- ground */").nth(1).expect("the rest of the sheet");
    let hex = after_blocks
        .match_indices('#')
        .find(|(at, _)| after_blocks[at + 1..].chars().take_while(char::is_ascii_hexdigit).count() >= 3);
    assert!(hex.is_none() && !after_blocks.contains("rgb(") && !after_blocks.contains("hsl("));
}

#[test]
fn focus_is_always_visible() {
    assert!(CSS.contains(":focus-visible { outline: 2px solid var(--accent)"));
    let removed = CSS.matches("outline: none").count();
    assert_eq!(removed, 1, "only the skip link's goal may have no outline");
}
