use super::state::WalletState;
use crate::apdu::StatusWord;
use crate::card::Rehearsal;
use crate::cdcvm::{Decision, HostAnswer};
use crate::emv::TransactionInfo;
use crate::error::{ErrorCode, WalletError};
use crate::instrument::InstrumentId;

/// What would happen at a terminal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WhatIf {
    /// With which card.
    pub instrument: InstrumentId,
    /// How far it would come.
    pub end: WhatIfEnd,
}

/// How far an imagined tap comes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WhatIfEnd {
    /// To the question: what the wallet would make of it. The app's word is not in it.
    Decided {
        /// The facts.
        transaction: TransactionInfo,
        /// The decision; printed, it is the sentence for a developer.
        decision: Box<Decision>,
    },
    /// Not even so far: the card refuses a command before.
    Refused(StatusWord),
    /// The terminal asks for an unsigned AAC: it declines, whatever the wallet thinks.
    TerminalDeclines {
        /// The facts.
        transaction: TransactionInfo,
    },
}

impl WalletState {
    pub(super) fn what_if(&self, rehearsal: &Rehearsal) -> Result<WhatIf, WalletError> {
        let Some(payable) = self.instruments.payable() else {
            return Err(WalletError::new(ErrorCode::NoDefaultInstrument, "no payment instrument is active"));
        };
        let instrument = payable.id.clone();
        let end = match rehearsal.play(&payable.card) {
            Err(status) => WhatIfEnd::Refused(status),
            Ok((_, asked)) if !asked.needs_credential() => {
                WhatIfEnd::TerminalDeclines { transaction: *asked.transaction() }
            }
            Ok((application, asked)) => {
                let standing = self.standing(&instrument, self.clock.now());
                let available = self.credentials_left(&instrument) > 0;
                let assessment = self.assess_question(&instrument, &application, &asked, standing, available);
                let decision = Decision::new(assessment, HostAnswer::NotAsked);
                WhatIfEnd::Decided { transaction: *asked.transaction(), decision: Box::new(decision) }
            }
        };
        Ok(WhatIf { instrument, end })
    }
}
