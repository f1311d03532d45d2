//! Maintenance windows of ours beside the events that they are for, as far as the reader may see those. Decides nothing.

use crate::state::Settings;
use crate::view::{EventRow, WINDOW_OF_CUSTOMER, WindowRow, WindowState};
use model::Scope;
use model::reference::Kind;
use store::own_windows::{self, Window};
use store::{StoreError, Tx, reference};

/// Those of an event, the latest first.
pub(super) async fn windows(
    tx: &mut Tx,
    scope: &Scope,
    settings: &Settings,
    event: &str,
) -> Result<Vec<WindowRow>, StoreError> {
    let mut rows = Vec::new();
    for window in own_windows::list_of_event(tx, scope, event).await? {
        let url = match &window.pagerduty {
            Some(id) => reference::find(tx, scope, Kind::MaintenanceWindow, id).await?.and_then(|thing| thing.url),
            None => None,
        };
        rows.push(row(window, settings, url));
    }
    Ok(rows)
}

/// Marks the events of a list whose window is not as it should be.
pub(super) async fn mark_troubled(tx: &mut Tx, scope: &Scope, rows: &mut [EventRow]) -> Result<(), StoreError> {
    let events: Vec<&str> = rows.iter().map(|row| row.event.id.as_str()).collect();
    let troubled = own_windows::troubled_events(tx, scope, &events).await?;
    for row in rows {
        row.has_window_trouble = troubled.contains(&row.event.id);
    }
    Ok(())
}

fn row(window: Window, settings: &Settings, url: Option<String>) -> WindowRow {
    let customers = window.services.iter().filter_map(|service| service.strip_prefix(WINDOW_OF_CUSTOMER));
    WindowRow {
        starts_at: window.starts_at,
        ends_at: window.ends_at,
        customers: customers.map(|id| settings.customer_name(id)).collect(),
        state: state(&window),
        url,
        opened_at: window.opened_at,
        over_at: window.gone_at.or(window.over_at),
        trouble: window.trouble.clone().filter(|_| window.is_troubled()),
        pagerduty: window.pagerduty,
        services: window.services,
    }
}

fn state(window: &Window) -> WindowState {
    let stands = window.pagerduty.is_some();
    match window {
        _ if window.gone_at.is_some() => WindowState::Gone,
        _ if window.over_at.is_some() && window.opened_at.is_some() => WindowState::Over,
        _ if window.over_at.is_some() => WindowState::Never,
        _ if !window.is_wanted => WindowState::Ends,
        _ if stands && window.shown < window.wanted => WindowState::Changes,
        _ if stands => WindowState::Stands,
        _ => WindowState::Waits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;

    #[test]
    fn a_window_stands_only_once_pagerduty_was_brought_to_what_is_wanted() {
        let wanted = Window { is_wanted: true, wanted: 1, ..Window::default() };
        let there = Window { pagerduty: Some("PW1".into()), shown: 1, opened_at: Some(Micros(1)), ..wanted.clone() };
        let over = |window: &Window| Window { over_at: Some(Micros(9)), is_wanted: false, ..window.clone() };
        for (window, wanted) in [
            (wanted.clone(), WindowState::Waits),
            (there.clone(), WindowState::Stands),
            (Window { wanted: 2, ..there.clone() }, WindowState::Changes),
            (Window { is_wanted: false, wanted: 2, ..there.clone() }, WindowState::Ends),
            (over(&there), WindowState::Over),
            (over(&wanted), WindowState::Never),
            (Window { gone_at: Some(Micros(9)), ..over(&there) }, WindowState::Gone),
            // It was ended, and is wanted again: another is to be opened.
            (Window { pagerduty: None, wanted: 3, ..there }, WindowState::Waits),
        ] {
            assert_eq!(state(&window), wanted, "{window:?}");
        }
    }
}
