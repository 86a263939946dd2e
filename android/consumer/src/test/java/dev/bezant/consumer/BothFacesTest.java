package dev.bezant.consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.bezant.wallet.ErrorCode;
import dev.bezant.wallet.InstrumentId;
import dev.bezant.wallet.SetupException;
import dev.bezant.wallet.Wallet;
import org.junit.jupiter.api.Test;

/**
 * The AAR as an app gets it, with its library loaded: as it is, and after R8 (profile shrunk).
 *
 * <p>Two of these reach into the internals, which no app does: they show that names are still those that the library looks for.
 */
class BothFacesTest {
    @Test
    void theFastFaceAnswers() {
        dev.bezant.wallet.internal.NativeLibrary.INSTANCE.load();
        byte[] answer = dev.bezant.wallet.internal.Native.answer(new byte[] {0, (byte) 0xa4, 4, 0, 0});
        assertEquals(0x90 == (answer[answer.length - 2] & 0xff) ? "answered" : "refused", "refused");
    }

    @Test
    void theWideFaceAnswers() {
        dev.bezant.wallet.internal.NativeLibrary.INSTANCE.load();
        dev.bezant.wallet.internal.wide.Bezant_ffiKt.uniffiEnsureInitialized();
    }

    @Test
    void exceptionsComeAsTheyAreDeclared() {
        SetupException exception = assertThrows(SetupException.class, Wallet::get);
        assertEquals(ErrorCode.NOT_SET_UP, exception.getCode());
        assertEquals("card-1", new InstrumentId("card-1").toString());
    }
}
