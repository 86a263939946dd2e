package dev.bezant.sample

import dev.bezant.wallet.ErrorCode
import dev.bezant.wallet.Finding
import dev.bezant.wallet.testkit.Syn1
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/**
 * GETTING-STARTED.md says what is so: every block of code in it stands word for word in a file that is compiled, linked or read by the
 * build, and its tables have all codes. Above each block a comment names the file, and the region in it: `<!-- of FILE, REGION -->`.
 */
class GettingStartedTest {
    private val android = generateSequence(File("").absoluteFile) { it.parentFile }.first { File(it, "GETTING-STARTED.md").isFile }
    private val text = File(android, "GETTING-STARTED.md").readText()

    @Test
    fun `every block of code is a quotation`() {
        val blocks =
            Regex(
                "(?m)(?:^<!-- (?:of )?(\\S+?)(?:, (\\S+))? -->\\n)?^```(\\w+)\\n(.*?)^```\\n",
                RegexOption.DOT_MATCHES_ALL,
            ).findAll(text)
        var quoted = 0
        for ((file, region, language, code) in blocks.map { it.destructured }) {
            // What is typed into a shell, or seen there.
            if (language == "text" || file == COORDINATES) continue
            assertTrue(file.isNotEmpty(), "whence is this?\n$code")
            assertEquals(quotation(File(android, file), region), code.trim('\n'), "$file $region")
            quoted++
        }
        assertTrue(quoted >= 10, "$quoted blocks")
        assertEquals(
            0,
            Regex("(?m)^```$").findAll(text).count() - Regex("(?m)^```\\w+$").findAll(text).count(),
            "a block without a language",
        )
    }

    @Test
    fun `what an app depends on is what is published`() {
        val version = Regex("<version>(.+?)</version>").find(File(android, "sample/pom.xml").readText())!!.groupValues[1]
        val maven = text.substringAfter("<!-- coordinates -->\n```xml\n").substringBefore("```")
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse("<dependencies>$maven</dependencies>".byteInputStream())
        val inMaven = Regex("<groupId>(.+?)</groupId><artifactId>(.+?)</artifactId><version>(.+?)</version>").findAll(maven)
        val inGradle = Regex("\"(dev\\.bezant):([^:]+):([^\"]+)\"").findAll(File(android, "sample/build.gradle.kts").readText())
        val published = listOf("bezant-wallet", "bezant-wallet-testkit").map { "dev.bezant:$it:$version" }.toSet()
        for (named in listOf(inMaven, inGradle)) {
            assertEquals(published, named.map { it.groupValues.drop(1).joinToString(":") }.toSet())
        }
    }

    @Test
    fun `every error code has a row, and the columns of those that come from the core are the core's`() {
        val codes =
            ErrorCode::class.java.fields
                .filter { it.type == ErrorCode::class.java }
                .map { it.name }
        val rows = rows("Error codes")
        assertEquals(codes.toSet(), rows.keys)
        assertEquals(codes.sorted(), rows.keys.toList(), "in the order of the alphabet")
        val core = File(android.parentFile, "core/src/error.rs").readText()
        val ofCore = Regex("Self::\\w+ => \"([A-Z_]+)\"").findAll(core).map { it.groupValues[1] }
        for (code in ofCore) {
            assertEquals(code in codesOf(core, "is_retryable"), rows.getValue(code)[1] == "yes", "$code: retryable")
            assertEquals(code in codesOf(core, "needs_user"), rows.getValue(code)[2] == "yes", "$code: needs the user")
            assertEquals(code in codesOf(core, "needs_update"), rows.getValue(code)[3] == "yes", "$code: needs an update")
        }
    }

    @Test
    fun `every finding of the doctor has a row`() {
        val codes = Finding.Code.entries.map { it.name } - "UNKNOWN"
        assertEquals(codes, rows("The doctor's findings").keys.toList())
    }

    @Test
    fun `the service answers to the directory and to every application of SYN-1`() {
        val document =
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(
                File(android, "sample/src/main/res/xml/payment_service.xml"),
            )
        val filters = document.getElementsByTagName("aid-filter")
        val aids =
            (0 until filters.length).map {
                filters
                    .item(it)
                    .attributes
                    .getNamedItem("android:name")
                    .nodeValue
            }
        assertEquals(listOf("325041592E5359532E4444463031", Syn1.AID), aids)
    }

    private companion object {
        /** Not a quotation: another test looks at it. */
        const val COORDINATES = "coordinates"
    }

    /** The rows of the table below a heading, by the code in their first column. */
    private fun rows(heading: String): Map<String, List<String>> =
        text
            .substringAfter("## $heading\n", "")
            .substringBefore("\n## ")
            .lines()
            .filter { it.startsWith("| `") }
            .map { line -> line.trim('|', ' ').split("|").map { it.trim() } }
            .associate { it.first().trim('`') to it.drop(1) }

    /** The codes that a function of the core names. */
    private fun codesOf(
        source: String,
        function: String,
    ): Set<String> =
        Regex("Self::(\\w+)")
            .findAll(source.substringAfter("fn $function(").substringBefore("\n    }"))
            .map { it.groupValues[1].replace(Regex("(?<=[a-z])(?=[A-Z])"), "_").uppercase() }
            .toSet()

    private fun quotation(
        file: File,
        region: String,
    ): String {
        val all = file.readText()
        val begin = Regex("(?m)^ *(//|<!--) region $region( -->)?$")
        val quoted =
            if (region.isEmpty()) {
                all
            } else {
                all
                    .substring(
                        begin.find(all)!!.range.last + 1,
                    ).substringBefore("endregion")
                    .substringBeforeLast("\n")
            }
        return quoted.trim('\n').trimIndent()
    }
}
