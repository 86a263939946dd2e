package dev.bezant.sample

import android.app.Activity
import android.content.Intent
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.bezant.wallet.Finding

/** The views of the screen, from top to bottom. */
internal class CardScreen(
    private val activity: Activity,
    onAuthenticate: () -> Unit,
    onBecomeDefault: () -> Unit,
    onBringIn: (() -> Unit)?,
    onStartOver: () -> Unit,
) {
    val tap = text(LARGE).apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }
    val problem = text().apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE }
    val wallet = text()
    val card = text()
    val history = text()
    private val findings = column()

    val view: View =
        ScrollView(activity).apply {
            fitsSystemWindows = true
            val views =
                listOfNotNull(
                    tap,
                    button("Verify me", onAuthenticate),
                    problem,
                    heading("Card"),
                    wallet,
                    card,
                    onBringIn?.let { button("Bring the demo card in", it) },
                    button("Pay with this app by default", onBecomeDefault),
                    button("Start over", onStartOver),
                    heading("What is in the way"),
                    findings,
                    heading("Taps"),
                    history,
                )
            addView(column().apply { views.forEach(::addView) })
        }

    fun showFindings(
        found: List<Finding>,
        onFix: (Intent) -> Unit,
    ) {
        findings.removeAllViews()
        if (found.isEmpty()) findings.addView(text().apply { text = "Nothing." })
        for (finding in found) {
            findings.addView(text().apply { text = Sentences.of(finding) })
            finding.fix?.let { intent -> findings.addView(button("Mend it") { onFix(intent) }) }
        }
    }

    private fun heading(words: String) = text(LARGE).apply { text = words }

    private fun button(
        words: String,
        onClick: () -> Unit,
    ) = Button(activity).apply {
        text = words
        setOnClickListener { onClick() }
    }

    private fun text(size: Float = NORMAL) =
        TextView(activity).apply {
            textSize = size
            setTextIsSelectable(true)
        }

    private fun column() =
        LinearLayout(activity).apply {
            orientation = LinearLayout.VERTICAL
            val padding = (PADDING_DP * resources.displayMetrics.density).toInt()
            setPadding(padding, padding, padding, padding)
        }

    private companion object {
        const val LARGE = 20f
        const val NORMAL = 16f
        const val PADDING_DP = 8
    }
}
