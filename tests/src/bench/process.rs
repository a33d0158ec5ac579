//! What the kernel knows of a process: its peak memory and the time it spent on a processor.

use std::{fs, time::Duration};

use anyhow::Context;

/// Linux tells times to user space in hundredths of a second, whatever its own clock.
const TICK: Duration = Duration::from_millis(10);

/// The most memory that was ever resident.
pub fn peak_memory_mib(pid: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("the process has ended")?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    kib.map(|kib: f64| kib / 1024.0).context("the kernel does not tell the peak memory")
}

/// User and system time of all threads.
pub fn processor_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has ended")?;
    // The name of the program may hold anything; what follows its last parenthesis does not.
    let fields: Vec<_> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u32>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).context("the kernel does not tell the processor time")?;
    Ok(TICK * (user + system))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_has_used_memory_and_time() {
        let own = std::process::id();
        assert!(peak_memory_mib(own).unwrap() > 1.0);
        let before = processor_time(own).unwrap();
        let mut sum = 0_u64;
        while processor_time(own).unwrap() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
    }
}
