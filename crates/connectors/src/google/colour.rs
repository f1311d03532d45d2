//! The colours of events by the names under which Google shows them, so that a rule need not know numbers.

/// The number, and the name beside it.
pub fn colours(id: Option<&str>) -> Vec<String> {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return Vec::new() };
    std::iter::once(id).chain(name(id)).map(str::to_owned).collect()
}

fn name(id: &str) -> Option<&'static str> {
    Some(match id {
        "1" => "Lavender",
        "2" => "Sage",
        "3" => "Grape",
        "4" => "Flamingo",
        "5" => "Banana",
        "6" => "Tangerine",
        "7" => "Peacock",
        "8" => "Graphite",
        "9" => "Blueberry",
        "10" => "Basil",
        "11" => "Tomato",
        _ => return None,
    })
}
