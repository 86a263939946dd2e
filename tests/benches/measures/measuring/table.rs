use super::Timing;

/// What is wanted of a figure.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// It is told, and nothing is wanted of it.
    Told,
}

/// Prints lines of one form, as they come.
pub(crate) struct Table(());

impl Table {
    /// Begins with what the lines say.
    pub(crate) fn begin(title: &str) -> Self {
        println!("\n{title}");
        println!(
            "  {:<46} {:>14} {:>14}  {:<34} {:>8} {:>9}  verdict",
            "figure", "least", "median", "peer", "ratio", "goal"
        );
        Self(())
    }

    /// A time.
    pub(crate) fn time(&self, figure: &str, own: Timing) {
        let _ = self.line(figure, &nanoseconds(own.least), &nanoseconds(own.median), "", None, Goal::Told);
    }

    /// A time beside a peer's; the ratio of the least times is held against the goal.
    pub(crate) fn times(&self, figure: &str, own: Timing, peer: &str, others: Timing, goal: Goal) {
        let here = others.is_here();
        let peer = format!("{peer}: {}", if here { nanoseconds(others.least) } else { "not here".to_owned() });
        let ratio = here.then_some(own.least / others.least);
        let _ = self.line(figure, &nanoseconds(own.least), &nanoseconds(own.median), &peer, ratio, goal);
    }

    /// A number that is held against the goal itself; gives whether it is not missed.
    pub(crate) fn number(&self, figure: &str, number: f64, unit: &str, goal: Goal) -> bool {
        self.line(figure, &format!("{} {unit}", grouped(number)), "", "", Some(number), goal)
    }

    /// A number beside a peer's.
    pub(crate) fn numbers(&self, figure: &str, own: f64, unit: &str, peer: &str, others: Option<f64>, goal: Goal) {
        let peer = others.map_or(format!("{peer}: not here"), |number| format!("{peer}: {}", grouped(number)));
        let own_text = format!("{} {unit}", grouped(own));
        let _ = self.line(figure, &own_text, "", &peer, others.map(|others| own / others), goal);
    }

    fn line(&self, figure: &str, least: &str, median: &str, peer: &str, judged: Option<f64>, goal: Goal) -> bool {
        let (wanted, reached) = match goal {
            Goal::AtLeast(bound) => (format!("≥ {}", grouped(bound)), judged.map(|judged| judged >= bound)),
            Goal::AtMost(bound) => (format!("≤ {}", grouped(bound)), judged.map(|judged| judged <= bound)),
            Goal::Told => ("-".to_owned(), None),
        };
        let verdict = match (goal, reached) {
            (Goal::Told, _) => "told",
            (_, Some(true)) => "reached",
            (_, Some(false)) => "MISSED",
            (_, None) => "not judged",
        };
        let ratio = judged.filter(|_| !peer.is_empty()).map_or(String::new(), |judged| format!("{judged:.2} x"));
        println!("  {figure:<46} {least:>14} {median:>14}  {peer:<34} {ratio:>8} {wanted:>9}  {verdict}");
        reached != Some(false)
    }
}

fn nanoseconds(time: f64) -> String {
    if time < 10_000.0 { format!("{time:.0} ns") } else { format!("{:.1} us", time / 1e3) }
}

/// With commas between thousands; two decimals where it is small.
fn grouped(number: f64) -> String {
    if number < 10.0 && number.fract() != 0.0 {
        return format!("{number:.2}");
    }
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
