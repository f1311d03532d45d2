//! Refresh tokens that have taken the place of the configured one: kept in the store, encrypted under the app's client secret, which
//! stands in the configuration alone. One that followed another configured token counts no more. Never shows a token.

use crate::config::Space;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use connectors::Secret;
use connectors::backlog::Keeper;
use sha2::{Digest, Sha256};
use store::{Store, cursors};

/// What says so in the store.
fn name(space: &Space) -> String {
    format!("refresh_token/backlog/{}", space.name)
}

/// The name and the configured token are authenticated, so that a kept one is good for nothing else.
fn about(space: &Space) -> Vec<u8> {
    let configured = space.refresh_token.as_ref().map_or("", |token| token.expose());
    Sha256::digest(format!("{}\n{configured}", name(space))).to_vec()
}

fn key(space: &Space) -> Option<LessSafeKey> {
    let secret = space.client_secret.as_ref()?;
    let bytes = Sha256::digest(format!("arayashiki refresh token\n{}", secret.expose()));
    UnboundKey::new(&AES_256_GCM, &bytes).ok().map(LessSafeKey::new)
}

fn sealed(space: &Space, token: &Secret) -> Option<String> {
    let mut nonce = [0; NONCE_LEN];
    aws_lc_rs::rand::fill(&mut nonce).ok()?;
    let mut text = token.expose().as_bytes().to_vec();
    let aad = Aad::from(about(space));
    key(space)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text).ok()?;
    Some(hex::encode([nonce.as_slice(), &text].concat()))
}

fn opened(space: &Space, kept: &str) -> Option<Secret> {
    let bytes = hex::decode(kept).ok()?;
    let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
    let mut text = text.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = key(space)?.open_in_place(nonce, Aad::from(about(space)), &mut text).ok()?;
    String::from_utf8(plain.to_vec()).ok().map(Secret::new)
}

pub fn keeper(space: &Space, store: &Store) -> Keeper {
    let (space, store) = (space.clone(), store.clone());
    Keeper::new(move |token| {
        let (value, name, store) = (sealed(&space, &token), name(&space), store.clone());
        async move {
            let value = value.ok_or("it could not be encrypted")?;
            let unit = store.write("keep a refresh token", move |tx| {
                let (name, value) = (name.clone(), value.clone());
                Box::pin(async move { cursors::set(tx, &name, &value).await })
            });
            unit.await.map_err(|error| error.to_string())
        }
    })
}

/// The one that is kept. A store that is away has none: then the configured one is tried.
pub fn kept(space: &Space, store: &Store) -> Option<Secret> {
    let name = name(space);
    let read = store.read(move |tx| {
        let name = name.clone();
        Box::pin(async move { cursors::get(tx, &name).await })
    });
    let found = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read));
    opened(space, &found.ok()??.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space(client_secret: &str, token: &str) -> Space {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arayashiki.toml");
        let text = format!(
            "[[backlog.space]]\nname = \"a\"\nurl = \"https://a.backlog.jp\"\nclient_id = \"c\"\n\
             client_secret = \"{client_secret}\"\nrefresh_token = \"{token}\"\n"
        );
        std::fs::write(&path, text).unwrap();
        crate::config::load(Some(&path), []).unwrap().spaces.remove(0)
    }

    #[test]
    fn a_kept_token_is_encrypted_and_good_for_its_own_sign_in_alone() {
        let own = space("made-up-secret", "first-token");
        let kept = sealed(&own, &Secret::new("second-token")).unwrap();
        assert!(!kept.contains("second-token") && !kept.contains(&hex::encode("second-token")));
        assert_eq!(opened(&own, &kept).unwrap().expose(), "second-token");
        assert_eq!(opened(&space("made-up-secret", "signed-in-anew"), &kept), None);
        assert_eq!(opened(&space("another-secret", "first-token"), &kept), None);
        assert_eq!(opened(&own, &kept[2..]), None);
        assert_eq!(opened(&own, "no hex"), None);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_is_kept_in_the_store_and_found_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = store::Place::Sqlite(folder.path().join("store.db"));
        let store = Store::open(store::Options { place, readers: 1, clock: store::Clock::default() }).unwrap();
        let own = space("made-up-secret", "first-token");
        assert_eq!(kept(&own, &store), None);
        let mut found = None;
        let value = sealed(&own, &Secret::new("second-token")).unwrap();
        let name = name(&own);
        store
            .write("test", move |tx| {
                let (name, value) = (name.clone(), value.clone());
                Box::pin(async move { cursors::set(tx, &name, &value).await })
            })
            .await
            .unwrap();
        found = kept(&own, &store).or(found);
        assert_eq!(found.unwrap().expose(), "second-token");
        store.close().await;
    }
}
