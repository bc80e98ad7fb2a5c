//! How far away the world is: the delay that all relays keep, and what was asked and answered over them.
//!
//! A connection through a relay is a line with a delay: what the server sends leaves the relay `delay` after it came
//! there, in order, one chunk behind the other. So one question costs one delay, as one round trip would, and a long
//! answer costs it once and not once for each packet. What the client sends goes on at once.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A question and the first of its answer, as the relay saw them.
#[derive(Clone, Copy)]
struct Trip {
    asked: Instant,
    answered: Instant,
}

#[derive(Default)]
struct Shared {
    delay_us: AtomicU64,
    connecting_too: AtomicBool,
    trips: Mutex<Vec<Trip>>,
}

/// What all relays share.
#[derive(Clone, Default)]
pub(crate) struct Distance(Arc<Shared>);

impl Distance {
    /// Moves the world away. With `connecting_too` the first bytes of a TCP connection wait for one delay as well: the
    /// relay is on this machine, so that a connection to it stands at once, which it would not to a server far away.
    pub(crate) fn set(&self, delay: Duration, connecting_too: bool) {
        self.0.delay_us.store(u64::try_from(delay.as_micros()).unwrap_or(u64::MAX), Ordering::SeqCst);
        self.0.connecting_too.store(connecting_too, Ordering::SeqCst);
    }

    /// The delay.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_micros(self.0.delay_us.load(Ordering::SeqCst))
    }

    /// Writes down a question and when its answer left the relay.
    pub(crate) fn answered(&self, asked: Instant) {
        let trip = Trip { asked, answered: Instant::now() };
        self.0.trips.lock().unwrap_or_else(PoisonError::into_inner).push(trip);
    }

    /// How many questions were asked one after the other since the last call, each after the answer to the one before:
    /// the longest such chain. What went on at the same time counts once.
    pub(crate) fn longest_chain(&self) -> usize {
        let mut trips = std::mem::take(&mut *self.0.trips.lock().unwrap_or_else(PoisonError::into_inner));
        trips.sort_by_key(|trip| trip.answered);
        let mut length = 0;
        let mut end = None;
        for trip in trips {
            if end.is_none_or(|end| trip.asked >= end) {
                length += 1;
                end = Some(trip.answered);
            }
        }
        length
    }

    /// Joins a client with a server until both have ended; `greeting` is an answer that the relay gives by itself first,
    /// to a question that came at `asked`.
    pub(crate) fn join(&self, client: TcpStream, server: TcpStream, greeting: Option<(Instant, &[u8])>) {
        let Ok(((client_in, client_out), (server_in, server_out))) =
            both(client).and_then(|c| Ok((c, both(server)?)))
        else {
            return;
        };
        let waiting = Arc::new(Mutex::new(None));
        let (up, down) = (self.clone(), self.clone());
        let asks = Arc::clone(&waiting);
        thread::spawn(move || up.up(client_in, server_out, &asks));
        let greeting = greeting.map(|(asked, bytes)| (asked, bytes.to_vec()));
        thread::spawn(move || down.down(server_in, client_out, &waiting, greeting));
    }

    fn up(&self, mut client: TcpStream, mut server: TcpStream, waiting: &Mutex<Option<Instant>>) {
        if self.0.connecting_too.load(Ordering::SeqCst) {
            let connected = Instant::now();
            sleep_until(connected + self.delay());
            self.answered(connected);
        }
        let mut buffer = vec![0; 64 * 1024];
        while let Some(bytes) = chunk(&mut client, &mut buffer) {
            waiting.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(Instant::now);
            if server.write_all(bytes).is_err() {
                break;
            }
        }
        // The other side may have gone first.
        let _ended = server.shutdown(Shutdown::Write);
    }

    fn down(
        &self,
        mut server: TcpStream,
        mut client: TcpStream,
        waiting: &Mutex<Option<Instant>>,
        greeting: Option<(Instant, Vec<u8>)>,
    ) {
        let delay = self.delay();
        let far = self.clone();
        let (line, arrives) = channel::<(Instant, Option<Instant>, Vec<u8>)>();
        if let Some((asked, bytes)) = greeting {
            let _sent = line.send((Instant::now() + delay, Some(asked), bytes));
        }
        let writer = thread::spawn(move || {
            while let Ok((due, asked, bytes)) = arrives.recv() {
                sleep_until(due);
                if let Some(asked) = asked {
                    far.answered(asked);
                }
                if client.write_all(&bytes).is_err() {
                    break;
                }
            }
            let _ended = client.shutdown(Shutdown::Write);
        });
        let mut buffer = vec![0; 64 * 1024];
        while let Some(bytes) = chunk(&mut server, &mut buffer) {
            let asked = waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
            if line.send((Instant::now() + delay, asked, bytes.to_vec())).is_err() {
                break;
            }
        }
        drop(line);
        let _ended = writer.join();
    }
}

/// A stream to read from and one to write to, both without Nagle's algorithm.
fn both(stream: TcpStream) -> std::io::Result<(TcpStream, TcpStream)> {
    stream.set_nodelay(true)?;
    Ok((stream.try_clone()?, stream))
}

fn chunk<'b>(stream: &mut TcpStream, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let length = stream.read(buffer).ok().filter(|length| *length > 0)?;
    buffer.get(..length)
}

pub(crate) fn sleep_until(due: Instant) {
    thread::sleep(due.saturating_duration_since(Instant::now()));
}
