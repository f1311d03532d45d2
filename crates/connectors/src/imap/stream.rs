//! From a host name to a connection that is ready to sign in: TCP, then TLS at once, on request, or not at all. Never
//! takes a server's word for what it was not asked over TLS.

use super::trouble::{Trouble, TroubleKind, garbled, of_connect, of_io, of_tls, of_wire, said};
use super::{Settings, Tls};
use async_imap::Client;
use async_imap::imap_proto::{Response, Status};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A connection, encrypted or not.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Io for T {}

pub type Plug = Box<dyn Io>;

/// Connected and greeted.
pub async fn connect(settings: &Settings) -> Result<Client<Plug>, Trouble> {
    let limit = Duration::from_millis(settings.limits.connect_ms);
    tokio::time::timeout(limit, open(settings))
        .await
        .unwrap_or_else(|_| Err(of_connect(&io::Error::from(io::ErrorKind::TimedOut), settings)))
}

async fn open(settings: &Settings) -> Result<Client<Plug>, Trouble> {
    let address = (settings.host.as_str(), settings.port);
    let tcp = TcpStream::connect(address).await.map_err(|e| of_connect(&e, settings))?;
    // Commands are small and each waits for its answer. Without it all works, only later.
    let _ = tcp.set_nodelay(true);
    match settings.tls {
        Tls::None => greeted(Client::new(Box::new(tcp) as Plug), settings).await,
        Tls::Implicit => greeted(Client::new(encrypted(Box::new(tcp), settings).await?), settings).await,
        Tls::StartTls => {
            let mut client = greeted(Client::new(Box::new(tcp) as Plug), settings).await?;
            client.run_command_and_check_ok("STARTTLS", None).await.map_err(|e| no_starttls(e, settings))?;
            // What the server sent ahead in plain text is dropped with the client's buffer.
            Ok(Client::new(encrypted(client.into_inner(), settings).await?))
        }
    }
}

fn no_starttls(error: async_imap::error::Error, settings: &Settings) -> Trouble {
    let trouble = of_wire(error, settings);
    if trouble.kind != TroubleKind::No {
        return trouble;
    }
    let text = format!(
        "{}:{} offers no STARTTLS ({}): set [mail.imap] tls = \"implicit\" and port = 993, or switch TLS on over there",
        settings.host, settings.port, trouble.text
    );
    Trouble::new(TroubleKind::Tls, text)
}

/// Waits for the greeting. A server that takes us for signed in before TLS is none that we asked for.
async fn greeted(mut client: Client<Plug>, settings: &Settings) -> Result<Client<Plug>, Trouble> {
    let greeting = client.read_response().await.map_err(|e| of_io(&e, settings))?;
    let Some(greeting) = greeting else { return Err(hung_up(settings)) };
    match greeting.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(client),
        Response::Data { status: Status::Bye | Status::No, outcome } => {
            let said = said(outcome.information.as_deref(), settings);
            let text =
                format!("{}:{} takes no connection now ({said}); it is tried again", settings.host, settings.port);
            Err(Trouble::new(TroubleKind::No, text))
        }
        _ => Err(garbled(settings)),
    }
}

fn hung_up(settings: &Settings) -> Trouble {
    let text = format!(
        "{}:{} closed the connection without a word: a port that wants TLS from the first byte most likely: check \
         [mail.imap] port and tls",
        settings.host, settings.port
    );
    Trouble::new(TroubleKind::Network, text)
}

async fn encrypted(plain: Plug, settings: &Settings) -> Result<Plug, Trouble> {
    let config = config(settings)?;
    let name = ServerName::try_from(settings.host.clone()).map_err(|_| {
        Trouble::new(TroubleKind::Setting, format!("[mail.imap] host {:?} is no host name", settings.host))
    })?;
    let tls = TlsConnector::from(Arc::new(config)).connect(name, plain).await.map_err(|e| of_tls(&e, settings))?;
    Ok(Box::new(tls))
}

fn config(settings: &Settings) -> Result<ClientConfig, Trouble> {
    let setting = |text: String| Trouble::new(TroubleKind::Setting, text);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra_roots(settings)?, provider.clone())
        .map_err(|e| setting(format!("the certificates that this machine trusts can't be read: {e}")))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| setting(format!("TLS can't be set up: {e}")))?;
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn extra_roots(settings: &Settings) -> Result<Vec<CertificateDer<'static>>, Trouble> {
    let Some(path) = &settings.extra_roots else { return Ok(Vec::new()) };
    let bad = |why: String| {
        let text = format!("[mail.imap] ca {} is no PEM file with certificates: {why}", path.display());
        Trouble::new(TroubleKind::Setting, text)
    };
    let roots = CertificateDer::pem_file_iter(path).map_err(|e| bad(e.to_string()))?;
    let roots = roots.collect::<Result<Vec<_>, _>>().map_err(|e| bad(e.to_string()))?;
    if roots.is_empty() { Err(bad("there is none in it".to_owned())) } else { Ok(roots) }
}
