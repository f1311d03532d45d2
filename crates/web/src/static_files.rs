//! The stylesheet, the script and the mark: built in, served under an address that carries their digest, so that a
//! browser may keep them for ever. Never reads a file at run time.

use axum::extract::Path;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

struct Asset {
    stem: &'static str,
    extension: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    digest: String,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("arayashiki", "css", "text/css; charset=utf-8", include_bytes!("../static/arayashiki.css")),
        asset("arayashiki", "js", "text/javascript; charset=utf-8", include_bytes!("../static/arayashiki.js")),
        asset("favicon", "svg", "image/svg+xml", include_bytes!("../static/favicon.svg")),
    ]
});

fn asset(stem: &'static str, extension: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let digest = hex::encode(&Sha256::digest(bytes)[..6]);
    Asset { stem, extension, content_type, bytes, digest }
}

/// The address of a static file, its digest included; `None` if there is no such file.
pub fn href(name: &str) -> Option<String> {
    ASSETS
        .iter()
        .find(|a| name.strip_prefix(a.stem).and_then(|rest| rest.strip_prefix('.')) == Some(a.extension))
        .map(|a| format!("/static/{}.{}.{}", a.stem, a.digest, a.extension))
}

/// Routes below `/static`; open to strangers, since the sign-in page needs them.
pub fn router<S: Clone + Send + Sync + 'static>() -> axum::Router<S> {
    axum::Router::new().route("/static/{name}", get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    let mut parts = name.split('.');
    let (stem, digest, extension) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(stem), Some(digest), Some(extension), None) => (stem, digest, extension),
        (Some(stem), Some(extension), None, None) => (stem, "", extension),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(asset) = ASSETS.iter().find(|a| a.stem == stem && a.extension == extension) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A page from before an upgrade asks for the old digest: today's file beats an unstyled page, but isn't kept.
    let caching = if asset.digest == digest { FOR_EVER } else { ASK_AGAIN };
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    async fn ask(path: &str) -> Response {
        let request = Request::get(path).body(Body::empty()).expect("request");
        router::<()>().oneshot(request).await.expect("response")
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_file_is_kept_for_ever_only_under_its_own_digest() {
        let own = href("arayashiki.css").expect("known");
        let kept = ask(&own).await;
        assert_eq!(kept.status(), StatusCode::OK);
        assert_eq!(kept.headers()[header::CACHE_CONTROL], FOR_EVER);
        assert_eq!(kept.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        let old = ask("/static/arayashiki.000000000000.css").await;
        assert_eq!(
            (old.status(), &old.headers()[header::CACHE_CONTROL]),
            (StatusCode::OK, &ASK_AGAIN.parse().expect("v"))
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nothing_else_is_served() {
        for path in ["/static/other.css", "/static/..%2Fmain.rs", "/static/a.b.c.d", "/static/arayashiki"] {
            assert_eq!(ask(path).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(href("other.css"), None);
    }
}
