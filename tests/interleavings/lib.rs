//! The wallet's threads under a model checker: see `tests`.
