package dev.bezant.wallet.internal.device

import android.app.Application
import android.app.KeyguardManager
import android.content.pm.ApplicationInfo
import android.os.Build
import android.os.PowerManager
import android.provider.Settings
import dev.bezant.wallet.EnvironmentFact
import dev.bezant.wallet.EnvironmentFact.Code
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.shadows.ShadowBuild
import org.robolectric.util.ReflectionHelpers
import java.io.File

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class EnvironmentTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val application: Application = RuntimeEnvironment.getApplication()
    private val keyguard = shadowOf(application.getSystemService(KeyguardManager::class.java))

    @After
    fun forget() = ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 35)

    private fun status(tracer: Int): File = folder.newFile().apply { writeText("Name:\tapp\nTracerPid:\t$tracer\nUid:\t1\n") }

    private fun fact(
        code: Code,
        status: File = status(0),
    ): EnvironmentFact = AndroidEnvironment(application, status).facts().single { it.code == code }

    private fun adb(value: String) = Settings.Global.putString(application.contentResolver, Settings.Global.ADB_ENABLED, value)

    @Test
    fun s2_005_every_code_has_a_fact_with_its_evidence() {
        val facts = AndroidEnvironment(application).facts()
        assertEquals(Code.entries - Code.UNKNOWN, facts.map { it.code })
        facts.forEach { assertTrue(it.toString(), it.evidence.isNotBlank()) }
    }

    @Test
    fun s2_005_the_app_is_debuggable() {
        application.applicationInfo.flags = application.applicationInfo.flags and ApplicationInfo.FLAG_DEBUGGABLE.inv()
        assertEquals(false, fact(Code.APP_DEBUGGABLE).holds)
        application.applicationInfo.flags = application.applicationInfo.flags or ApplicationInfo.FLAG_DEBUGGABLE
        assertEquals(true, fact(Code.APP_DEBUGGABLE).holds)
    }

    @Test
    fun s2_005_a_process_traces_this_one() {
        assertEquals(false, fact(Code.DEBUGGER_ATTACHED).holds)
        val traced = fact(Code.DEBUGGER_ATTACHED, status(4711))
        assertEquals(true, traced.holds)
        assertTrue("TracerPid=4711" in traced.evidence)
        assertTrue("not readable" in fact(Code.DEBUGGER_ATTACHED, File(folder.root, "none")).evidence)
    }

    @Test
    fun s2_005_usb_debugging_is_on() {
        assertNull(fact(Code.ADB_ENABLED).holds)
        adb("0")
        assertEquals(false, fact(Code.ADB_ENABLED).holds)
        adb("1")
        assertEquals(true, fact(Code.ADB_ENABLED).holds)
    }

    @Test
    fun s2_005_an_emulator_is_told_from_a_phone() {
        ShadowBuild.setHardware("tensor")
        ShadowBuild.setProduct("oriole")
        ShadowBuild.setModel("Pixel 6")
        ShadowBuild.setFingerprint("google/oriole/oriole:15/AP3A.241005.015/12366759:user/release-keys")
        assertEquals(false, fact(Code.EMULATOR).holds)
        ShadowBuild.setHardware("ranchu")
        ShadowBuild.setProduct("sdk_gphone64_x86_64")
        val emulator = fact(Code.EMULATOR)
        assertEquals(true, emulator.holds)
        assertEquals("Build.HARDWARE=ranchu; Build.PRODUCT=sdk_gphone64_x86_64", emulator.evidence)
    }

    @Test
    fun s2_005_a_system_signed_with_keys_that_everybody_has() {
        ShadowBuild.setTags("release-keys")
        assertEquals(false, fact(Code.TEST_KEYS).holds)
        ShadowBuild.setTags("dev-keys,test-keys")
        val fact = fact(Code.TEST_KEYS)
        assertEquals(true, fact.holds)
        assertEquals("Build.TAGS=dev-keys,test-keys", fact.evidence)
    }

    @Test
    fun s2_005_the_screen_lock_was_taken_away() {
        keyguard.setIsDeviceSecure(true)
        assertEquals(true, fact(Code.SCREEN_LOCK_SET).holds)
        keyguard.setIsDeviceSecure(false)
        assertEquals(false, fact(Code.SCREEN_LOCK_SET).holds)
    }

    @Test
    fun s2_005_an_android_that_is_too_old() {
        assertEquals(true, fact(Code.ANDROID_SUPPORTED).holds)
        ReflectionHelpers.setStaticField(Build.VERSION::class.java, "SDK_INT", 23)
        assertEquals(false, fact(Code.ANDROID_SUPPORTED).holds)
    }

    @Test
    fun the_device_is_asked_anew_for_each_tap() {
        val facts = AndroidDeviceFacts(application)
        val power = shadowOf(application.getSystemService(PowerManager::class.java))
        for (isSo in listOf(true, false)) {
            keyguard.setIsDeviceLocked(isSo)
            @Suppress("DEPRECATION")
            power.setIsInteractive(isSo)
            assertEquals(isSo, facts.isLocked)
            assertEquals(isSo, facts.isScreenOn)
        }
    }

    @Test
    fun the_main_process_is_the_one_that_the_application_names() {
        assertTrue(isMainProcess(application))
        application.applicationInfo.processName = "another"
        assertFalse(isMainProcess(application))
    }

    @Test
    fun before_android_9_the_name_of_the_process_is_its_command_line() {
        val commandLine = folder.newFile().apply { writeText("dev.example.bank:push\u0000\u0000\u0000") }
        assertEquals("dev.example.bank:push", nameInCommandLine(commandLine))
        assertEquals("", nameInCommandLine(File(folder.root, "none")))
    }
}
