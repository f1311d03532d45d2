//! Ends a command on the host: SIGTERM, then SIGKILL, then its channel. Says how far that went.

use super::note_exit;
use crate::outcome::{Exit, Killed};
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use std::time::Duration;
use tokio::time::timeout;

/// How it went, and whether the connection may be used again.
pub(super) async fn kill(
    read: &mut ChannelReadHalf,
    write: &ChannelWriteHalf<Msg>,
    grace: Duration,
    exit: &mut Exit,
) -> (Killed, bool) {
    for signal in [Sig::TERM, Sig::KILL] {
        // What it still says is not heard any more, but it must be taken: a host may be waiting for room.
        let ending = async {
            if write.signal(signal).await.is_err() {
                return Gone::Lost;
            }
            until_gone(read, exit).await
        };
        match timeout(grace, ending).await {
            Ok(Gone::Closed) => return (Killed::Ended, true),
            Ok(Gone::Lost) => return (Killed::Nobody, false),
            // Its children may keep the channel open; the process itself is gone.
            Err(_) if *exit != Exit::Missing => {
                let _ = timeout(grace, write.close()).await;
                return (Killed::Ended, false);
            }
            Err(_) => {}
        }
    }
    let closed = timeout(grace, write.close()).await;
    (if matches!(closed, Ok(Ok(()))) { Killed::Told } else { Killed::Nobody }, false)
}

enum Gone {
    Closed,
    Lost,
}

async fn until_gone(read: &mut ChannelReadHalf, exit: &mut Exit) -> Gone {
    loop {
        match read.wait().await {
            Some(ChannelMsg::Close) => return Gone::Closed,
            None => return Gone::Lost,
            Some(message) => note_exit(&message, exit),
        }
    }
}
