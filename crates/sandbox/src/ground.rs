//! What every simulated system begins with: its effects log and its socket. Knows nothing of any of them.

use crate::StartError;
use crate::courier::Courier;
use crate::journal::Journal;
use crate::web::Ask;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

pub async fn listen(on: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(on).await.map_err(|e| StartError::Listen(on, e))?;
    let address = listener.local_addr().map_err(|e| StartError::Listen(on, e))?;
    Ok((listener, address))
}

pub fn journal(log: Option<&Path>) -> Result<Arc<Journal>, StartError> {
    Journal::open(log).map_err(|e| StartError::Log(log.map(Path::to_path_buf).unwrap_or_default(), e))
}

/// What stands under `/_control/` of a system that delivers: whether nothing is on its way, else what the system makes of the body.
pub async fn controlled(
    courier: &Courier,
    (what, ask): (&str, &Ask),
    handle: impl FnOnce(&str, &Value) -> Option<Result<Value, String>>,
) -> Option<Result<Value, String>> {
    if what == "idle" {
        let wait_ms = ask.one("wait_ms").and_then(|n| n.parse().ok()).unwrap_or(0);
        return Some(Ok(json!({ "idle": courier.idle(wait_ms).await })));
    }
    match ask.json() {
        Ok(body) => handle(ask.method.as_str(), &body),
        Err(error) => Some(Err(error)),
    }
}
