//! A program that stands for a device: start it, read what it says on a thread of its own, kill it.
//!
//! The process is a group of its own, because a maker's libraries fork readers that would outlive it and hold the pipe
//! open. The thread that reads also waits for its end, so that a process which even SIGKILL does not end (it hangs in
//! the kernel) costs one sleeping thread and never the driver.

use std::io::{self, BufReader, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// A running process. Dropping it kills it.
pub(crate) struct Process {
    stdin: Option<ChildStdin>,
    group: Option<Pid>,
    /// True once the process was waited for: its number may belong to somebody else then.
    reaped: Arc<Mutex<bool>>,
}

impl Process {
    /// Starts the program and says `request` to it, which must be far smaller than a pipe. `read` reads its standard output
    /// on a thread with this name; what it hands back is told how the process ended.
    ///
    /// # Errors
    /// The system's, when process or thread cannot be started; nothing is read then.
    pub fn start<E: FnOnce(String)>(
        mut command: Command,
        request: &[u8],
        thread: &str,
        read: impl FnOnce(BufReader<ChildStdout>) -> E + Send + 'static,
    ) -> io::Result<Self> {
        let reaped = Arc::new(Mutex::new(false));
        // The thread first: it waits for the end of the process, so none is started that nobody waits for.
        let (give, taken) = mpsc::channel::<(Child, ChildStdout, Option<Pid>)>();
        let its_reaped = Arc::clone(&reaped);
        std::thread::Builder::new().name(thread.into()).spawn(move || {
            let Ok((child, stdout, group)) = taken.recv() else { return };
            let ended = read(BufReader::new(stdout));
            ended(reap(child, group, &its_reaped));
        })?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut child = command.spawn()?;
        let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let mut stdin = child.stdin.take();
        if let Some(stdout) = child.stdout.take() {
            let _ = give.send((child, stdout, group));
        }
        // This does not block; a process that ended already is told by the thread.
        let _ = stdin.as_mut().map(|stdin| stdin.write_all(request));
        Ok(Self { stdin, group, reaped })
    }

    /// Ends its standard input, which asks it to stop.
    pub fn close(&mut self) {
        self.stdin = None;
    }

    /// Ends it and its children now.
    pub fn kill(&mut self) {
        self.close();
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some(group)) = (*reaped, self.group) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits for the end of the process, kills what it left behind, and says how it ended.
fn reap(mut child: Child, group: Option<Pid>, reaped: &Mutex<bool>) -> String {
    // The pipe is closed or useless. Waiting without reaping keeps the number ours until the lock is held.
    if let Some(pid) = group {
        while waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            .is_err_and(|error| error == rustix::io::Errno::INTR)
        {}
    }
    let mut reaped = reaped.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(group) = group {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait();
    *reaped = true;
    match status {
        Ok(status) => ending(status),
        Err(error) => error.to_string(),
    }
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    }
}
