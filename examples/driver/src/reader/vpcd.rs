//! The card's side of vpcd, the virtual PC/SC reader of the project vsmartcard.
//!
//! The card is the TCP client; to hang up is to take it out. Both sides send frames: two bytes of length, big-endian, then
//! so many bytes. A frame of one byte tells the card what its reader does; every other one is a command.

use std::io::{self, Read, Write};
use std::net::TcpStream;
#[cfg(target_os = "linux")]
use std::os::linux::net::TcpStreamExt;

/// What is put into the reader.
pub(super) trait Card {
    /// Answers a command, with two bytes at least.
    fn transmit(&mut self, command: &[u8]) -> Vec<u8>;

    /// The reader has taken its power away after commands were sent.
    fn field_off(&mut self);
}

/// Answers the reader until the connection ends, and gives the reason.
pub(super) fn serve(stream: &TcpStream, atr: &[u8], card: &mut impl Card) -> io::Error {
    let mut is_used = false;
    let end = converse(stream, atr, card, &mut is_used);
    if is_used {
        card.field_off();
    }
    end.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn converse(stream: &TcpStream, atr: &[u8], card: &mut impl Card, is_used: &mut bool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = Prompt(stream);
    let mut frame = Vec::new();
    loop {
        let mut length = [0; 2];
        reader.read_exact(&mut length)?;
        frame.resize(usize::from(u16::from_be_bytes(length)), 0);
        reader.read_exact(&mut frame)?;
        match *frame {
            [POWER_OFF | RESET] => {
                if std::mem::take(is_used) {
                    card.field_off();
                }
            }
            [POWER_ON] => {}
            [GET_ATR] => send(stream, atr)?,
            // A byte that is no control code can only be a command cut short, whose sender waits for an answer.
            _ => {
                *is_used = true;
                send(stream, &card.transmit(&frame))?;
            }
        }
    }
}

/// Sends a frame in one piece.
fn send(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    let length = u16::try_from(bytes.len()).map_err(|_| io::Error::other("the answer is too long for a frame"))?;
    stream.write_all(&[&length.to_be_bytes(), bytes].concat())
}

/// Acknowledges what it reads at once. vpcd sends a length and its bytes apart, and its system keeps the bytes back until
/// the length is acknowledged; Linux forgets the wish with every read.
struct Prompt<'a>(&'a TcpStream);

impl Read for Prompt<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        #[cfg(target_os = "linux")]
        self.0.set_quickack(true)?;
        self.0.read(room)
    }
}

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const GET_ATR: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    const ATR: &[u8] = &[0x3B, 0x80, 0x80, 0x01, 0x01];

    /// Answers a command's length, and remembers when the field went.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Card for Told {
        fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
            self.0.push(format!("{} bytes", command.len()));
            u16::try_from(command.len()).unwrap().to_be_bytes().to_vec()
        }

        fn field_off(&mut self) {
            self.0.push("field off".into());
        }
    }

    /// Sends the bytes, hangs up, and gives what came back, what the card was told, and how it ended.
    fn play(bytes: &[u8]) -> (Vec<u8>, Vec<String>, io::ErrorKind) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let service = thread::spawn(move || {
            let mut card = Told::default();
            let end = serve(&stream, ATR, &mut card);
            (card.0, end.kind())
        });
        let (mut reader, _) = listener.accept().unwrap();
        reader.write_all(bytes).unwrap();
        reader.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answers = Vec::new();
        reader.read_to_end(&mut answers).unwrap();
        let (told, end) = service.join().unwrap();
        (answers, told, end)
    }

    fn frame(bytes: &[u8]) -> Vec<u8> {
        [&u16::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    #[test]
    fn a_reader_that_only_looks_whether_a_card_is_there_ends_no_tap() {
        let polls = [frame(&[POWER_ON]), frame(&[GET_ATR]), frame(&[GET_ATR]), frame(&[POWER_OFF])].concat();
        let (answers, told, end) = play(&polls);
        assert_eq!(answers, [frame(ATR), frame(ATR)].concat());
        assert_eq!(told, Vec::<String>::new());
        assert_eq!(end, io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn power_off_reset_and_hanging_up_end_the_field_once_after_commands() {
        let command = frame(&[0x00, 0xA4, 0x04, 0x00]);
        for (control, field_offs) in [(POWER_OFF, 1), (RESET, 1), (POWER_ON, 0)] {
            let (answers, told, _) = play(&[&command[..], &frame(&[control]), &frame(&[control]), &command].concat());
            assert_eq!(answers, frame(&[0, 4]).repeat(2));
            let mut expected = vec!["4 bytes"];
            expected.extend(vec!["field off"; field_offs]);
            expected.extend(["4 bytes", "field off"]);
            assert_eq!(told, expected, "{control}");
        }
    }

    #[test]
    fn a_frame_that_is_no_whole_command_is_the_card_to_judge() {
        for length in [0, 2, 5, 261, 65_535] {
            let (answers, told, _) = play(&frame(&vec![0xA5; length]));
            assert_eq!(answers, frame(&u16::try_from(length).unwrap().to_be_bytes()));
            assert_eq!(told, [format!("{length} bytes"), "field off".into()]);
        }
        for byte in (0..=255).filter(|byte| ![POWER_OFF, POWER_ON, RESET, GET_ATR].contains(byte)) {
            assert_eq!(play(&frame(&[byte])).0, frame(&[0, 1]), "{byte}");
        }
    }

    #[test]
    fn a_frame_cut_anywhere_gets_no_answer_and_ends_the_connection() {
        let whole = frame(&[0x00, 0xB2, 0x01, 0x0C, 0x00]);
        for cut in 0..whole.len() {
            let (answers, told, end) = play(&whole[..cut]);
            assert_eq!((answers, told), (vec![], vec![]), "{cut}");
            assert_eq!(end, io::ErrorKind::UnexpectedEof);
        }
    }
}
