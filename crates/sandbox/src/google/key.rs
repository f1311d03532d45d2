//! The service account: a real RSA key, the key file that is handed out, and the check of an assertion against it.

use aws_lc_rs::rsa::KeyPair as Signer;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::dice::Dice;

#[derive(Debug)]
pub(super) struct Account {
    public: Vec<u8>,
    pub email: String,
    pub token_url: String,
    /// The whole key file.
    pub file: String,
}

impl Account {
    pub(super) fn new(dice: &mut Dice, url: &str) -> Result<Self, String> {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).map_err(|e| e.to_string())?;
        let signer = Signer::from_pkcs8(&key.serialize_der()).map_err(|e| e.to_string())?;
        let email = "calendar-reader@demo-project.iam.gserviceaccount.com".to_owned();
        let client_id = format!("1{:020}", dice.next());
        let token_url = format!("{url}/token");
        let file = json!({
            "type": "service_account", "project_id": "demo-project", "private_key_id": dice.hex(40), "private_key": key.serialize_pem(),
            "client_email": email, "client_id": client_id, "auth_uri": format!("{url}/o/oauth2/auth"), "token_uri": token_url,
            "auth_provider_x509_cert_url": format!("{url}/oauth2/v1/certs"), "client_x509_cert_url": format!("{url}/robot/v1/metadata/x509"),
            "universe_domain": "googleapis.com",
        });
        let file = serde_json::to_string_pretty(&file).map_err(|e| e.to_string())?;
        Ok(Self { public: signer.public_key().as_ref().to_vec(), email, token_url, file })
    }

    /// The claims of an assertion that this account has signed.
    pub(super) fn claims(&self, assertion: &str) -> Result<Value, &'static str> {
        let parts: Vec<&str> = assertion.split('.').collect();
        let [head, claims, signature] = parts.as_slice() else {
            return Err("Invalid JWT: three parts are expected.");
        };
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let object =
            |part: &str| decoded(part).and_then(|b| serde_json::from_slice::<Value>(&b).ok()).filter(Value::is_object);
        let (Some(header), Some(content)) = (object(head), object(claims)) else {
            return Err("Invalid JWT: header or claims are not JSON.");
        };
        if header["alg"] != "RS256" {
            return Err("Invalid JWT: the algorithm must be RS256.");
        }
        let signed = format!("{head}.{claims}");
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.public);
        let verified = decoded(signature).is_some_and(|s| key.verify(signed.as_bytes(), &s).is_ok());
        if verified { Ok(content) } else { Err("Invalid JWT Signature.") }
    }
}
