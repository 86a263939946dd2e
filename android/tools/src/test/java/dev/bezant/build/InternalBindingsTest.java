package dev.bezant.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InternalBindingsTest {
    private static final String HEAD = "@file:Suppress(\"warnings\")\n";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            class A                                            | internal class A
            public interface B<T> {}                           | internal interface B<T> {}
            data class C(val d: Int)                           | internal data class C(val d: Int)
            sealed class E : Exception() { class F : E() }     | internal sealed class E : Exception() { class F : E() }
            enum class G { H }                                 | internal enum class G { H }
            public object I                                    | internal object I
            fun `j`(k: Int) = k                                | internal fun `j`(k: Int) = k
            inline fun <T> T.l(): T = this                     | internal inline fun <T> T.l(): T = this
            public suspend fun m() {}                          | internal suspend fun m() {}
            val n = 1                                          | internal val n = 1
            const val o = 1                                    | internal const val o = 1
            typealias P = Int                                  | internal typealias P = Int
            @Structure.FieldOrder("q") open class R            | @Structure.FieldOrder("q") internal open class R
            @Throws(S::class) fun t() {}                       | @Throws(S::class) internal fun t() {}
            /** U. */ fun v() {}                               | /** U. */ internal fun v() {}
            internal open class W                              | internal open class W
            private fun x() {}                                 | private fun x() {}
            @Synchronized private fun y() {}                   | @Synchronized private fun y() {}
            """)
    void topLevelDeclarationsBecomeInternal(String before, String after) {
        assertEquals(HEAD + after, InternalBindings.rewrite(before));
    }

    @Test
    void indentedAndSplitDeclarationsToo() {
        assertEquals(HEAD + "    @Throws(A::class)\n    internal fun `b`()\n        = \n    c(D) { e -> }\n",
                InternalBindings.rewrite("    @Throws(A::class)\n    fun `b`()\n        = \n    c(D) { e -> }\n"));
    }

    @Test
    void membersAndWhatOnlyLooksLikeADeclarationStay() {
        String source = HEAD + """
                internal class A(
                    val b: Int,
                ) {
                    fun c() = "}" + '}' + "${"{".length}" + "\\"{"
                    object D
                }
                /* class E /* class F */
                class G */
                // class H {
                internal val i =
                    object : J {}
                internal val k = \"\"\"
                class L { \"\"\"\"
                """;
        assertEquals(source, InternalBindings.rewrite(source));
    }

    @Test
    void warningsOfTheGeneratedFileAreItsOwn() {
        assertEquals("@file:Suppress(\"warnings\")\npackage a\n", InternalBindings.rewrite("@file:Suppress(\"NAME_SHADOWING\")\npackage a\n"));
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        assertThrows(Refused.class, () -> InternalBindings.rewrite("class A {"));
        assertThrows(Refused.class, () -> InternalBindings.rewrite("class A }"));
        assertThrows(Refused.class, () -> InternalBindings.rewrite("val a = \"b"));
        assertThrows(Refused.class, () -> InternalBindings.rewrite("val a = 'b\n"));
    }
}
