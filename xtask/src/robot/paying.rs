//! Paying as a citizen does: the code on the screen, read from its picture, leads the phone to the platform's page.

use anyhow::{Context as _, Result, bail};

use super::visit::{PAGE, Robot};
use super::words::word;
use crate::stage::Stage;

impl Robot<'_> {
    /// Reads the payment code off the screen, presses the button of the page it leads to, and waits until the screen
    /// says that it is paid.
    pub(super) fn pay(&mut self, stage: &Stage) -> Result<()> {
        let label = word::PAY_CODE.get(self.language)?;
        let code = self.eyes.wait("the payment code", PAGE, self.interrupt, |things| {
            Ok(things.iter().find(|thing| thing.name == label).cloned())
        })?;
        self.picture("to-pay")?;
        let place = self.eyes.extents(&code)?;
        let url = self.camera.now()?.code(place).context("the payment code on the screen cannot be read")?;
        if !url.starts_with("https://") {
            bail!("the payment code says {url}");
        }
        stage.pay(&url).context("the payment page")?;
        let paid = word::PAID.get(self.language)?;
        self.eyes.wait("the page saying that it is paid", PAGE, self.interrupt, |things| {
            Ok(super::visit::shows(things, paid).then_some(()))
        })?;
        self.picture("paid")
    }
}
