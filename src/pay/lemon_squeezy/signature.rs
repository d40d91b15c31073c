//! `X-Signature`: lower-case hex of HMAC-SHA256(secret, raw body). Only the body is signed, so no other header is believed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::pay::WebhookError;

/// Checks a signature over the bytes as they came, against each of several secrets (the current one, the previous one), in time that
/// depends on neither secret nor signature. An empty secret fits nothing.
pub fn verify(secrets: &[SecretString], body: &[u8], signature: Option<&str>) -> Result<(), WebhookError> {
    let given = signature.and_then(unhex).ok_or(WebhookError::Signature)?;
    let mut fits = false;
    for secret in secrets {
        fits |= mac(secret, body).is_some_and(|mac| mac.verify_slice(&given).is_ok());
    }
    if fits { Ok(()) } else { Err(WebhookError::Signature) }
}

/// The signature that Lemon Squeezy would send.
#[must_use]
pub fn sign(secret: &SecretString, body: &[u8]) -> String {
    let tag = mac(secret, body).map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
    tag.iter().map(|b| format!("{b:02x}")).collect()
}

fn mac(secret: &SecretString, body: &[u8]) -> Option<Hmac<Sha256>> {
    let secret = secret.expose_secret().as_bytes();
    if secret.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(body);
    Some(mac)
}

/// Exactly 64 lower-case hexadecimal digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut out = [0; 32];
    for (byte, [high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(list: &[&str]) -> Vec<SecretString> {
        list.iter().map(|s| SecretString::from(*s)).collect()
    }

    #[test]
    fn any_of_several_secrets_fits() {
        let signature = sign(&"new".into(), b"{}");
        assert!(verify(&secrets(&["old", "new"]), b"{}", Some(&signature)).is_ok());
        assert!(verify(&secrets(&["new", "old"]), b"{}", Some(&signature)).is_ok());
        assert!(verify(&secrets(&["old"]), b"{}", Some(&signature)).is_err());
        assert!(verify(&[], b"{}", Some(&signature)).is_err());
        assert!(verify(&secrets(&["new"]), b"{} ", Some(&signature)).is_err());
    }

    #[test]
    fn only_the_one_form_is_looked_at() {
        let secret = secrets(&["s"]);
        let good = sign(&"s".into(), b"x");
        for bad in
            ["", "0", &good[1..], &format!("{good}0"), &good.to_uppercase(), &format!("{}é", &good[2..]), &format!("0x{}", &good[2..])]
        {
            assert_eq!(verify(&secret, b"x", Some(bad)), Err(WebhookError::Signature), "{bad}");
        }
        assert!(verify(&secret, b"x", None).is_err());
    }

    #[test]
    fn an_empty_secret_fits_nothing() {
        // HMAC with an empty key is a public function of the body.
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(b"x");
        let forged: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
        assert!(verify(&secrets(&[""]), b"x", Some(&forged)).is_err());
    }
}
