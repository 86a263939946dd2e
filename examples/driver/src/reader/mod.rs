//! A virtual PC/SC reader that the wallet can be put into.

mod vpcd;

use crate::answer::Failure;
use crate::app::App;
use crate::told::Told;
use bezant::card::{TapOutcome, answer_without_card};
use bezant::wallet::DeactivationReason;
use core::str::FromStr;
use core::time::Duration;
use std::io;
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// Where a virtual reader listens for its card, and how the card answers a reset.
pub struct Reader {
    address: String,
    atr: Atr,
    inserted: Option<Inserted>,
}

/// An answer to reset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Atr(Vec<u8>);

/// A card in the reader, answered for by a thread.
struct Inserted {
    stream: TcpStream,
    end: Arc<End>,
    /// Gives the outcome of the latest tap.
    service: Option<JoinHandle<Option<TapOutcome>>>,
}

/// Who ended it.
#[derive(Default)]
struct End {
    is_taken_out: AtomicBool,
    is_reader_gone: AtomicBool,
}

/// A connection that is served. However that ends, the reader finds no card any more, and the app is told.
struct Service {
    connection: TcpStream,
    end: Arc<End>,
    app: Arc<App>,
    farewell: String,
}

/// The wallet as the reader sees it.
struct Phone {
    app: Arc<App>,
    outcome: Option<TapOutcome>,
}

impl Reader {
    /// The reader whose vpcd listens at `address`, HOST:PORT. Nothing is inserted yet.
    #[must_use]
    pub const fn new(address: String, atr: Atr) -> Self {
        Self { address, atr, inserted: None }
    }

    /// Puts the card in, with its usual answer to reset or another.
    pub(crate) fn insert(&mut self, atr: Option<Atr>, app: &Arc<App>) -> Result<(), Failure> {
        if self.is_card_in() {
            return Err(Failure::new("CARD_INSERTED", "the card is in the reader"));
        }
        self.inserted = None;
        let atr = atr.unwrap_or_else(|| self.atr.clone());
        let inserted = connect(&self.address).and_then(|stream| Inserted::serve(stream, atr, app.clone()));
        self.inserted =
            Some(inserted.map_err(|error| Failure::new("READER_UNREACHABLE", format!("{}: {error}", self.address)))?);
        Ok(())
    }

    /// Takes the card out. Gives how the latest tap in the reader ended, if there was one.
    pub(crate) fn remove(&mut self) -> Result<Option<TapOutcome>, Failure> {
        let is_card_in = self.is_card_in();
        let inserted = self.inserted.take().filter(|_| is_card_in);
        let mut inserted = inserted.ok_or_else(|| Failure::new("CARD_NOT_INSERTED", "no card is in the reader"))?;
        Ok(inserted.take_out())
    }

    fn is_card_in(&self) -> bool {
        self.inserted.as_ref().is_some_and(|card| !card.end.is_reader_gone.load(Ordering::Acquire))
    }
}

impl FromStr for Atr {
    type Err = &'static str;

    fn from_str(hex: &str) -> Result<Self, Self::Err> {
        let bytes = base16ct::mixed::decode_vec(hex).ok();
        // ISO 7816-3, 8.1: TS says how bits are sent, up to 32 bytes follow.
        let is_atr = |atr: &Vec<u8>| (2..=33).contains(&atr.len()) && matches!(atr.first(), Some(0x3B | 0x3F));
        bytes.filter(is_atr).map(Self).ok_or("wants an answer to reset, 2 to 33 bytes from 3B or 3F on, in hexadecimal")
    }
}

impl Inserted {
    fn serve(stream: TcpStream, Atr(atr): Atr, app: Arc<App>) -> io::Result<Self> {
        let connection = stream.try_clone()?;
        let end = Arc::new(End::default());
        let observed = end.clone();
        let service = thread::Builder::new().name("reader".into()).spawn(move || {
            let mut phone = Phone { app: app.clone(), outcome: None };
            let mut service = Service { connection, end: observed, app, farewell: "the card has failed".into() };
            service.farewell = farewell(&vpcd::serve(&service.connection, &atr, &mut phone));
            phone.outcome
        })?;
        Ok(Self { stream, end, service: Some(service) })
    }

    fn take_out(&mut self) -> Option<TapOutcome> {
        self.end.is_taken_out.store(true, Ordering::Release);
        // It fails where the reader has gone: all the better.
        let _ = self.stream.shutdown(Shutdown::Both);
        self.service.take().and_then(|service| service.join().ok()).flatten()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.connection.shutdown(Shutdown::Both);
        if !self.end.is_taken_out.load(Ordering::Acquire) {
            // What the tap's end had to say comes first.
            self.app.settle();
            self.end.is_reader_gone.store(true, Ordering::Release);
            self.app.tell(Told::ReaderGone { detail: core::mem::take(&mut self.farewell) });
        }
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        self.take_out();
    }
}

impl vpcd::Card for Phone {
    fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        match self.app.wallet() {
            Some(wallet) => wallet.process_command_apdu(command).to_vec(),
            None => answer_without_card(command).to_bytes().to_vec(),
        }
    }

    fn field_off(&mut self) {
        let outcome = self.app.wallet().and_then(|wallet| wallet.on_deactivated(DeactivationReason::LinkLoss));
        self.outcome = outcome.or(self.outcome);
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let mut latest = io::Error::other("the name has no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return Ok(stream),
            Err(error) => latest = error,
        }
    }
    Err(latest)
}

fn farewell(reason: &io::Error) -> String {
    match reason.kind() {
        io::ErrorKind::UnexpectedEof => "the reader has hung up".into(),
        _ => reason.to_string(),
    }
}

const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
