//! The few calls into Linux that std lacks: waiting on many sockets, a precise timer, the clock's tick, a polite stop.
//! The only unsafe code of the benchmark.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// Waits for sockets to become readable. Level-triggered: what is not read is told again.
pub struct Poll {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poll {
    pub fn new(most_events: usize) -> io::Result<Self> {
        #[expect(unsafe_code, reason = "no pointers are passed; the result is checked before it is owned")]
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        Ok(Self { epoll: own(fd)?, events: vec![libc::epoll_event { events: 0, u64: 0 }; most_events.max(1)] })
    }

    pub fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN.cast_unsigned(), u64: token };
        #[expect(unsafe_code, reason = "the event lives until the call returns; the kernel copies it")]
        let answer = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, &raw mut event) };
        check(answer).map(|_| ())
    }

    /// Appends the tokens of what became readable.
    pub fn wait(&mut self, at_most_ms: i32, ready: &mut Vec<u64>) -> io::Result<()> {
        let room = i32::try_from(self.events.len()).unwrap_or(i32::MAX);
        #[expect(unsafe_code, reason = "the buffer is ours and as long as is said")]
        let count = unsafe { libc::epoll_wait(self.epoll.as_raw_fd(), self.events.as_mut_ptr(), room, at_most_ms) };
        match check(count) {
            Ok(count) => ready.extend(self.events.iter().take(count.unsigned_abs() as usize).map(|event| event.u64)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// A timer for `Poll`: epoll's own time-out counts whole milliseconds, far too coarse for 5,000 requests a second.
pub struct Timer(OwnedFd);

impl Timer {
    pub fn new() -> io::Result<Self> {
        let flags = libc::TFD_NONBLOCK | libc::TFD_CLOEXEC;
        #[expect(unsafe_code, reason = "no pointers are passed; the result is checked before it is owned")]
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) };
        own(fd).map(Self)
    }

    pub fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Becomes readable once, after `wait`. Arming it again also takes back what it had to tell.
    pub fn arm(&self, wait: Duration) -> io::Result<()> {
        let wait = wait.max(Duration::from_nanos(1));
        let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let first = libc::timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(wait.subsec_nanos()),
        };
        let setting = libc::itimerspec { it_interval: none, it_value: first };
        #[expect(unsafe_code, reason = "the setting lives until the call returns; no old setting is asked for")]
        let answer = unsafe { libc::timerfd_settime(self.0.as_raw_fd(), 0, &raw const setting, std::ptr::null_mut()) };
        check(answer).map(|_| ())
    }

    /// So that it is silent until it is armed again.
    pub fn disarm(&self) -> io::Result<()> {
        self.arm(Duration::from_secs(3_600))
    }
}

/// Microseconds in one tick of `/proc/PID/stat`.
pub fn tick_us() -> u64 {
    #[expect(unsafe_code, reason = "asks for a constant of the kernel")]
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    1_000_000 / u64::try_from(per_second).unwrap_or(100).max(1)
}

/// Asks a process that we started to stop.
pub fn terminate(pid: u32) -> io::Result<()> {
    let pid = i32::try_from(pid).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    #[expect(unsafe_code, reason = "no pointers are passed; the process is a child that we have not yet waited for")]
    let answer = unsafe { libc::kill(pid, libc::SIGTERM) };
    check(answer).map(|_| ())
}

fn check(answer: i32) -> io::Result<i32> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

fn own(fd: i32) -> io::Result<OwnedFd> {
    let fd = check(fd)?;
    #[expect(unsafe_code, reason = "the descriptor was just made, is valid, and nobody else has it")]
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// CPU time of this process so far, all threads together.
pub fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "the pointer is to a local of the right type")]
    let answer = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    if answer != 0 {
        return Duration::ZERO;
    }
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_readable_socket_and_a_fired_timer_are_told_and_a_disarmed_timer_is_not() {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let timer = Timer::new().unwrap();
        let mut poll = Poll::new(4).unwrap();
        poll.add(theirs.as_raw_fd(), 7).unwrap();
        poll.add(timer.fd(), 9).unwrap();
        let mut ready = Vec::new();
        poll.wait(0, &mut ready).unwrap();
        assert!(ready.is_empty());
        ours.write_all(b"x").unwrap();
        timer.arm(Duration::from_nanos(1)).unwrap();
        while ready.len() < 2 {
            ready.clear();
            poll.wait(1_000, &mut ready).unwrap();
        }
        ready.sort_unstable();
        assert_eq!(ready, [7, 9]);
        timer.disarm().unwrap();
        ready.clear();
        poll.wait(0, &mut ready).unwrap();
        assert_eq!(ready, [7]);
    }
}
