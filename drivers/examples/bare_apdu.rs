//! The floor under `read_card`: the six READ BINARY of a card through the `pcsc` crate alone, from noticing the card to
//! the last byte, in milliseconds. No adapter, no decoding.
//!
//! `cargo run -p drivers --example bare_apdu -- [PART OF THE READER'S NAME]`

use std::time::Instant;

use pcsc::{Context, Disposition, Protocols, ReaderState, Scope, ShareMode, State};

fn main() -> Result<(), pcsc::Error> {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let context = Context::establish(Scope::System)?;
    let readers = context.list_readers_owned()?;
    let name = readers.into_iter().find(|name| name.to_string_lossy().contains(&wanted));
    let mut states = [ReaderState::new(name.ok_or(pcsc::Error::UnknownReader)?, State::UNAWARE)];
    loop {
        context.get_status_change(None, &mut states)?;
        let [state] = &mut states;
        if state.event_state().contains(State::PRESENT) {
            break;
        }
        state.sync_current_state();
    }
    let noticed = Instant::now();
    let [state] = &states;
    let card = context.connect(state.name(), ShareMode::Shared, Protocols::ANY)?;
    let mut file = Vec::with_capacity(1284);
    let mut answer = [0; 258];
    for (block, length) in [0, 0, 0, 0, 0, 4].into_iter().enumerate() {
        let command = [0xFF, 0xB0, u8::try_from(block).unwrap_or_default(), 0x00, length];
        let answer = card.transmit(&command, &mut answer)?;
        file.extend_from_slice(answer.strip_suffix(&[0x90, 0x00]).unwrap_or_default());
    }
    let elapsed = noticed.elapsed();
    card.disconnect(Disposition::LeaveCard).map_err(|(_, error)| error)?;
    println!("{:.3}", elapsed.as_secs_f64() * 1000.0);
    if file.len() == 1284 { Ok(()) } else { Err(pcsc::Error::InvalidValue) }
}
