//! What the kernel knows of a process: CPU time and memory.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// User and system time of all threads so far.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let ticks = ticks(&stat).context("the kernel's line on the process is strange")?;
    let rate = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_nanos(ticks.saturating_mul(1_000_000_000 / rate.max(1))))
}

/// utime and stime: fields 14 and 15. The name, field 2, may hold blanks and parentheses: it ends at the last one.
///
/// Source: proc(5).
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Memory of a process, in MB of 1024 × 1024 bytes.
#[derive(Debug, PartialEq)]
pub struct Memory {
    /// Everything in RAM, shared libraries and mapped fonts included.
    pub resident_mb: f64,
    /// Of it what no file backs: heap and stacks.
    pub anonymous_mb: f64,
}

impl Memory {
    /// Memory of a running process.
    pub fn of(pid: u32) -> Result<Memory> {
        Memory::parse(&fs::read_to_string(format!("/proc/{pid}/status"))?)
            .context("the kernel says no memory")
    }

    fn parse(status: &str) -> Option<Memory> {
        let field = |name: &str| -> Option<f64> {
            let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(rest.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
        };
        Some(Memory { resident_mb: field("VmRSS:")?, anonymous_mb: field("RssAnon:")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_found_behind_a_strange_name() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 100 0 0 0 7 5 0 0 20 0 9 0 100 1000 10";
        assert_eq!(ticks(stat), Some(12));
        assert_eq!(ticks("42 (a"), None);
    }

    #[test]
    fn memory_is_split() {
        let status = "Name:\tkiosk\nVmRSS:\t   51200 kB\nRssAnon:\t   20480 kB\nRssFile:\t 1 kB\n";
        assert_eq!(Memory::parse(status), Some(Memory { resident_mb: 50.0, anonymous_mb: 20.0 }));
        assert_eq!(Memory::parse("Name:\tkthreadd\n"), None);
    }

    #[test]
    fn this_process_has_used_time_and_memory() {
        let own = std::process::id();
        assert!(Memory::of(own).unwrap().resident_mb > 0.0);
        assert!(cpu_time(own).is_ok());
    }
}
