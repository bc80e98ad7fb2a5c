//! A blackhole: a listening socket whose queue is full, so that the system drops the next SYN.

use std::io;
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// No loopback connect that the system takes needs longer.
const TAKEN: Duration = Duration::from_millis(150);

/// Fills the queue until a connect hangs, and keeps it so.
pub(super) async fn start(socket: TcpSocket, tasks: &mut JoinSet<()>) -> io::Result<()> {
    let address = socket.local_addr()?;
    let listener = socket.listen(0)?;
    let mut queued = Vec::new();
    for _ in 0..16 {
        match tokio::time::timeout(TAKEN, TcpStream::connect(address)).await {
            Ok(stream) => queued.push(stream?),
            Err(_) => {
                tasks.spawn(super::keep((listener, queued)));
                return Ok(());
            }
        }
    }
    Err(io::Error::other("the accept queue does not fill: this system cannot make a blackhole"))
}
