//! Maintenance windows: opened, changed, ended, and found again by a marker in their description, so that a lost answer never makes
//! two. PagerDuty knows no key for them.

use super::causes::WireWindow;
use super::read::{MAX_OFFSET, PAGE_ROWS, paging};
use super::whole::later;
use super::{Client, Write, bad_request, checked_id, decode, wire};
use crate::{Call, CallError, Kind};
use http::Method;
use model::Micros;
use model::setting::MaintenanceWindow;
use serde_json::{Value, json};
use tokio::time::Instant;

/// A window as it is to be. PagerDuty takes a beginning that has passed for now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWindow {
    pub starts_at: Micros,
    /// Has to lie ahead.
    pub ends_at: Micros,
    /// With the marker that it is found by.
    pub description: String,
    /// By id.
    pub services: Vec<String>,
}

impl NewWindow {
    fn body(&self) -> Result<Value, CallError> {
        if self.services.is_empty() {
            return Err(bad_request("a maintenance window needs a service"));
        }
        if self.ends_at <= self.starts_at {
            return Err(bad_request("a maintenance window has to end after it begins"));
        }
        let services: Vec<Value> = self
            .services
            .iter()
            .map(|id| Ok(json!({ "id": checked_id(id, true)?, "type": "service_reference" })))
            .collect::<Result<_, CallError>>()?;
        Ok(json!({ "maintenance_window": {
            "type": "maintenance_window",
            "start_time": self.starts_at.rfc3339(),
            "end_time": self.ends_at.rfc3339(),
            "description": self.description,
            "services": services,
        }}))
    }
}

impl Client {
    pub async fn open_window(
        &self,
        call: &Call,
        from: Option<&str>,
        new: &NewWindow,
    ) -> Result<MaintenanceWindow, CallError> {
        let raw = self.post(call, &["maintenance_windows"], from, Some(&new.body()?)).await?;
        window(&raw, true)
    }

    pub async fn change_window(&self, call: &Call, id: &str, new: &NewWindow) -> Result<MaintenanceWindow, CallError> {
        let path = ["maintenance_windows", checked_id(id, true)?];
        let raw = self.write(call, Write { method: Method::PUT, path: &path, from: None }, Some(&new.body()?)).await?;
        window(&raw, true)
    }

    /// One to come is deleted, one that goes on ends now. One that is over or gone already has ended.
    pub async fn end_window(&self, call: &Call, id: &str) -> Result<(), CallError> {
        let path = ["maintenance_windows", checked_id(id, true)?];
        match self.write(call, Write { method: Method::DELETE, path: &path, from: None }, None::<&Value>).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == Kind::NotFound || error.status == Some(405) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// `None`: it is there no more.
    pub async fn window(&self, call: &Call, id: &str) -> Result<Option<MaintenanceWindow>, CallError> {
        match self.get(call, &["maintenance_windows", checked_id(id, false)?], &[]).await {
            Ok(raw) => window(&raw, false).map(Some),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The window over one of these services that is not over and whose description carries the marker.
    pub async fn find_window(
        &self,
        call: &Call,
        services: &[String],
        marker: &str,
    ) -> Result<Option<MaintenanceWindow>, CallError> {
        // An empty marker is in every description, and without a service all windows of the account would be read.
        if marker.is_empty() || services.is_empty() {
            return Err(CallError::new(Kind::BadRequest, false, "a window is looked up by its services and a marker"));
        }
        let started = Instant::now();
        for offset in (0..MAX_OFFSET).step_by(PAGE_ROWS as usize) {
            let mut query = paging(PAGE_ROWS, offset);
            query.push(("filter", "open".to_owned()));
            for id in services {
                query.push(("service_ids[]", checked_id(id, false)?.to_owned()));
            }
            let (rows, _) = self.rows::<WireWindow>(&later(call, started), &["maintenance_windows"], &query).await?;
            let more = rows.more.unwrap_or_default() && !rows.rows.is_empty();
            if let Some(found) = rows.rows.into_iter().find(|window| window.says(marker)) {
                return Ok(Some(found.into()));
            }
            if !more {
                break;
            }
        }
        Ok(None)
    }
}

fn window(raw: &[u8], write: bool) -> Result<MaintenanceWindow, CallError> {
    Ok(decode::<wire::One<WireWindow>>(raw, write)?.one.into())
}
