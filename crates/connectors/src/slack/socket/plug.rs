//! From a checked address to a WebSocket: names are resolved under the same guard as the HTTP client's, TLS is ours.

use super::trouble;
use crate::CallError;
use crate::http::{Settings, is_public, names_this_machine};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

/// A connection, encrypted or not.
pub trait Plug: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Plug for T {}

pub async fn connect(
    address: &Url,
    base: &Url,
    settings: Settings,
) -> Result<WebSocketStream<Box<dyn Plug>>, CallError> {
    let host = address.host_str().unwrap_or_default();
    let limit = Duration::from_millis(settings.connect_timeout_ms);
    let plug =
        tokio::time::timeout(limit, plugged(address, base)).await.unwrap_or_else(|_| Err(trouble::slow(host)))?;
    let most = Some(settings.max_response_bytes);
    let config = WebSocketConfig::default().max_message_size(most).max_frame_size(most);
    let (stream, _) = client_async_with_config(address.as_str(), plug, Some(config))
        .await
        .map_err(|error| trouble::no_handshake(&error, host))?;
    Ok(stream)
}

async fn plugged(address: &Url, base: &Url) -> Result<Box<dyn Plug>, CallError> {
    let host = address.host_str().unwrap_or_default();
    let tcp = TcpStream::connect(resolved(address, base).await?.as_slice())
        .await
        .map_err(|error| trouble::no_connection(&error, host))?;
    // Messages are small and each waits for its confirmation. Without it all works, only later.
    let _ = tcp.set_nodelay(true);
    if address.scheme() == "ws" {
        return Ok(Box::new(tcp));
    }
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|_| trouble::no_name(host))?;
    let config = config().map_err(|error| trouble::no_tls(&error.to_string(), host))?;
    let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
    Ok(Box::new(tls.map_err(|error| trouble::no_tls(&error.to_string(), host))?))
}

/// Only a base that is this machine, or an address by number, may lead into private networks.
async fn resolved(address: &Url, base: &Url) -> Result<Vec<SocketAddr>, CallError> {
    let host = address.host_str().unwrap_or_default();
    let port = address.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await;
    let found: Vec<SocketAddr> = found.map_err(|error| trouble::no_connection(&error, host))?.collect();
    match found.iter().find(|at| !names_this_machine(base) && !is_public(at.ip())) {
        Some(private) => Err(trouble::private(host, private.ip())),
        None => Ok(found),
    }
}

fn config() -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_platform_verifier()?.with_no_client_auth())
}
