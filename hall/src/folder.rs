//! The work folder: everything a hall writes, in one place, removed at the end unless it is to be kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

/// Lies in every kept folder, so that a second demo may clear it and nothing else is ever cleared.
const OWN: &str = ".bianmin-demo";

const SOUND: &str = "sound.raw";

/// The work folder. It goes with the last clone.
#[derive(Clone)]
pub struct Folder {
    path: PathBuf,
    // Sockets have a path limit of 107 bytes, so they never lie in a folder the user names.
    runtime: Arc<TempDir>,
    temporary: Option<Arc<TempDir>>,
}

impl Folder {
    /// Makes the folder: `keep`, or a temporary one.
    ///
    /// # Errors
    /// When it cannot be made, or when `keep` holds something that no demo wrote.
    pub fn make(keep: Option<&Path>) -> Result<Folder> {
        let runtime = Arc::new(tempfile::Builder::new().prefix("bianmin-run-").tempdir_in("/tmp")?);
        let (path, temporary) = match keep {
            Some(keep) => (prepare(keep)?, None),
            None => {
                let made = tempfile::Builder::new().prefix("bianmin-demo-").tempdir()?;
                (made.path().to_owned(), Some(Arc::new(made)))
            }
        };
        let folder = Folder { path, runtime, temporary };
        for part in [folder.kiosk(), folder.platform(), folder.screens(), folder.logs()] {
            fs::create_dir_all(&part).with_context(|| format!("cannot make {}", part.display()))?;
        }
        Ok(folder)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The kiosk's state.
    pub fn kiosk(&self) -> PathBuf {
        self.path.join("kiosk")
    }

    /// The platform's state.
    pub fn platform(&self) -> PathBuf {
        self.path.join("platform")
    }

    /// Pictures of screens and of printed paper.
    pub fn screens(&self) -> PathBuf {
        self.path.join("screens")
    }

    /// What every program said.
    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// What the enrolment exchanged: the kiosk's request and the platform's certificates.
    pub fn enrol(&self) -> PathBuf {
        self.path.join("enrol")
    }

    /// The kiosk's configuration.
    pub fn config(&self) -> PathBuf {
        self.path.join("kiosk.toml")
    }

    /// SANE's configuration. A path without anything that a shell or sed would take for a command.
    pub fn sane(&self) -> PathBuf {
        self.runtime().join("sane")
    }

    /// What the loudspeaker played: 16-bit samples, little-endian.
    pub fn sound(&self) -> PathBuf {
        self.path.join(SOUND)
    }

    /// Sockets, and what is not worth keeping.
    pub fn runtime(&self) -> &Path {
        self.runtime.path()
    }

    /// Saves pictures and logs from being removed with a temporary folder; says where they are.
    pub fn rescue(&self, refuge: &Path) -> Result<PathBuf> {
        if self.temporary.is_none() {
            return Ok(self.path.clone());
        }
        if refuge.exists() {
            fs::remove_dir_all(refuge)?;
        }
        for part in ["screens", "logs"] {
            copy(&self.path.join(part), &refuge.join(part))?;
        }
        Ok(refuge.to_owned())
    }
}

/// Makes a folder the user named ready, clearing what an earlier demo left there.
fn prepare(keep: &Path) -> Result<PathBuf> {
    fs::create_dir_all(keep).with_context(|| format!("cannot make {}", keep.display()))?;
    let path = keep.canonicalize()?;
    let own = path.join(OWN);
    let empty = fs::read_dir(&path)?.next().is_none();
    if !empty && !own.exists() {
        bail!("{} holds something that is not a demo's: name an empty folder", path.display());
    }
    for part in ["kiosk", "platform", "screens", "logs", "enrol"] {
        let part = path.join(part);
        if part.exists() {
            fs::remove_dir_all(&part).with_context(|| format!("cannot clear {}", part.display()))?;
        }
    }
    // To the next one, each sound is appended.
    if path.join(SOUND).exists() {
        fs::remove_file(path.join(SOUND))?;
    }
    fs::write(&own, "A demo may clear this folder.\n")?;
    Ok(path)
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_and_its_pictures_can_be_rescued() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::make(None).unwrap();
        let (path, runtime) = (folder.path.clone(), folder.runtime().to_path_buf());
        fs::write(folder.screens().join("01-attract.png"), "picture").unwrap();
        let refuge = folder.rescue(&root.path().join("failed")).unwrap();
        drop(folder);
        assert!(!path.exists() && !runtime.exists());
        assert!(refuge.join("screens/01-attract.png").exists());
    }

    #[test]
    fn a_kept_folder_is_cleared_only_when_it_is_a_demos() {
        let outer = tempfile::tempdir().unwrap();
        let keep = outer.path().join("demo");
        let folder = Folder::make(Some(&keep)).unwrap();
        fs::write(folder.kiosk().join("state"), "old").unwrap();
        drop(folder);
        let folder = Folder::make(Some(&keep)).unwrap();
        assert!(folder.kiosk().exists() && !folder.kiosk().join("state").exists());

        let foreign = outer.path().join("foreign");
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join("diary"), "mine").unwrap();
        assert!(Folder::make(Some(&foreign)).is_err());
        assert!(foreign.join("diary").exists());
    }
}
