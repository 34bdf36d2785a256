//! A citizen's phone: opens the page that a payment code leads to, and presses its button.

use std::path::Path;

use crate::web::{self, WebError};

/// Opens the payment page at `url` and presses "pay". `ca` is the authority that the page's server comes from, PEM.
///
/// # Errors
/// Any [`WebError`].
pub fn pay(url: &str, ca: &Path) -> Result<(), WebError> {
    let agent = web::agent(ca)?;
    agent.get(url).call()?;
    agent.post(url).send_empty()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_the_authority_is_not_opened() {
        let nowhere = pay("https://127.0.0.1:1/pay/1", Path::new("/nonexistent/ca.pem"));
        assert!(matches!(nowhere, Err(WebError::Authority(_))));
        let folder = std::env::temp_dir().join(format!("virtual-phone-{}.pem", std::process::id()));
        std::fs::write(&folder, "no certificate").unwrap();
        let refused = pay("https://127.0.0.1:1/pay/1", &folder);
        std::fs::remove_file(&folder).unwrap();
        assert!(matches!(refused, Err(WebError::Page(_))));
    }
}
