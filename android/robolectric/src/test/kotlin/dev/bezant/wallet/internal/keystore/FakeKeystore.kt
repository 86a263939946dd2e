package dev.bezant.wallet.internal.keystore

import android.security.keystore.KeyGenParameterSpec
import java.io.InputStream
import java.io.OutputStream
import java.security.AlgorithmParameters
import java.security.InvalidKeyException
import java.security.Key
import java.security.KeyStore
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.ProviderException
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** A phone's keystore as a test wants it: what it holds, how long its hardware takes, and how it fails. */
internal object FakeKeystore {
    const val NAME = "FakeAndroidKeyStore"

    val keys = sortedMapOf<String, FakeKey>()
    val specs = mutableListOf<KeyGenParameterSpec>()

    /** What it has decrypted: the arrays themselves. */
    val opened = mutableListOf<ByteArray>()

    var nanos = 0L
    var strongBoxNanos = 5_000_000L
    var trustedNanos = 1_000_000L

    /** Failures by what is asked; each throws, or returns for an ordinary answer. */
    var onGetKey: (alias: String) -> Unit = {}
    var onGenerate: (KeyGenParameterSpec) -> Unit = {}
    var onInit: (FakeKey) -> Unit = {}
    var onSetEntry: (alias: String) -> Unit = {}
    var onDelete: (alias: String) -> Unit = {}

    /** The daemon has gone: as old Androids do, it has no key and fails to keep one. */
    var isDead = false

    fun install() {
        keys.clear()
        specs.clear()
        opened.clear()
        nanos = 0
        strongBoxNanos = 5_000_000
        trustedNanos = 1_000_000
        onGetKey = {}
        onGenerate = {}
        onInit = {}
        onSetEntry = {}
        onDelete = {}
        isDead = false
        Security.insertProviderAt(FakeKeystoreProvider(), 1)
    }

    fun remove() = Security.removeProvider(NAME)
}

internal class FakeKey(
    val secret: SecretKeySpec,
    val isInStrongBox: Boolean,
) : SecretKey {
    override fun getAlgorithm() = "AES"

    override fun getFormat(): String? = null

    override fun getEncoded(): ByteArray? = null
}

internal class FakeKeystoreProvider : Provider(FakeKeystore.NAME, "1", "A keystore for tests") {
    init {
        put("KeyStore.${FakeKeystore.NAME}", FakeEntries::class.java.name)
        put("KeyGenerator.AES", FakeGenerator::class.java.name)
        put("Cipher.AES/GCM/NoPadding", FakeGcm::class.java.name)
        put("Cipher.AES/GCM/NoPadding SupportedKeyClasses", FakeKey::class.java.name)
    }
}

internal class FakeGenerator : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(random: SecureRandom?) = Unit

    override fun engineInit(
        keysize: Int,
        random: SecureRandom?,
    ) = Unit

    override fun engineInit(
        params: AlgorithmParameterSpec?,
        random: SecureRandom?,
    ) {
        spec = params as KeyGenParameterSpec
    }

    override fun engineGenerateKey(): SecretKey {
        if (FakeKeystore.isDead) throw ProviderException("dead")
        FakeKeystore.onGenerate(spec)
        FakeKeystore.specs += spec
        val bytes = ByteArray(spec.keySize / 8).also { SecureRandom().nextBytes(it) }
        return FakeKey(SecretKeySpec(bytes, "AES"), spec.isStrongBoxBacked).also { FakeKeystore.keys[spec.keystoreAlias] = it }
    }
}

internal class FakeEntries : KeyStoreSpi() {
    private val keys get() = if (FakeKeystore.isDead) emptyMap() else FakeKeystore.keys

    override fun engineGetKey(
        alias: String,
        password: CharArray?,
    ): Key? {
        FakeKeystore.onGetKey(alias)
        return keys[alias]
    }

    override fun engineSetEntry(
        alias: String,
        entry: KeyStore.Entry,
        protParam: KeyStore.ProtectionParameter?,
    ) {
        if (FakeKeystore.isDead) throw java.security.KeyStoreException("dead")
        FakeKeystore.onSetEntry(alias)
        FakeKeystore.keys[alias] = FakeKey((entry as KeyStore.SecretKeyEntry).secretKey as SecretKeySpec, false)
    }

    override fun engineDeleteEntry(alias: String) {
        FakeKeystore.onDelete(alias)
        FakeKeystore.keys.remove(alias)
    }

    override fun engineAliases(): Enumeration<String> = Collections.enumeration(keys.keys.toList())

    override fun engineContainsAlias(alias: String) = alias in keys

    override fun engineSize() = keys.size

    override fun engineIsKeyEntry(alias: String) = alias in keys

    override fun engineIsCertificateEntry(alias: String) = false

    override fun engineLoad(
        stream: InputStream?,
        password: CharArray?,
    ) = Unit

    override fun engineGetCertificate(alias: String): Certificate? = null

    override fun engineGetCertificateAlias(cert: Certificate?): String? = null

    override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

    override fun engineGetCreationDate(alias: String): Date? = null

    override fun engineSetCertificateEntry(
        alias: String,
        cert: Certificate?,
    ) = throw UnsupportedOperationException()

    override fun engineSetKeyEntry(
        alias: String,
        key: ByteArray?,
        chain: Array<out Certificate>?,
    ) = throw UnsupportedOperationException()

    override fun engineSetKeyEntry(
        alias: String,
        key: Key?,
        password: CharArray?,
        chain: Array<out Certificate>?,
    ) = throw UnsupportedOperationException()

    override fun engineStore(
        stream: OutputStream?,
        password: CharArray?,
    ) = throw UnsupportedOperationException()
}

internal class FakeGcm : CipherSpi() {
    private val cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")
    private lateinit var key: FakeKey
    private var isOpening = false

    private fun begin(
        mode: Int,
        key: Key,
    ): SecretKeySpec {
        this.key = key as? FakeKey ?: throw InvalidKeyException("not of this keystore")
        isOpening = mode == Cipher.DECRYPT_MODE
        FakeKeystore.onInit(this.key)
        return this.key.secret
    }

    override fun engineInit(
        opmode: Int,
        key: Key,
        random: SecureRandom?,
    ) = cipher.init(opmode, begin(opmode, key))

    override fun engineInit(
        opmode: Int,
        key: Key,
        params: AlgorithmParameterSpec?,
        random: SecureRandom?,
    ) = cipher.init(opmode, begin(opmode, key), params)

    override fun engineInit(
        opmode: Int,
        key: Key,
        params: AlgorithmParameters?,
        random: SecureRandom?,
    ) = cipher.init(opmode, begin(opmode, key), params)

    override fun engineUpdateAAD(
        src: ByteArray,
        offset: Int,
        len: Int,
    ) = cipher.updateAAD(src, offset, len)

    override fun engineDoFinal(
        input: ByteArray?,
        inputOffset: Int,
        inputLen: Int,
    ): ByteArray {
        FakeKeystore.nanos += if (key.isInStrongBox) FakeKeystore.strongBoxNanos else FakeKeystore.trustedNanos
        val output = cipher.doFinal(input, inputOffset, inputLen)
        if (isOpening) FakeKeystore.opened += output
        return output
    }

    override fun engineGetIV(): ByteArray = cipher.iv

    override fun engineSetMode(mode: String?) = Unit

    override fun engineSetPadding(padding: String?) = Unit

    override fun engineGetBlockSize() = 16

    override fun engineGetOutputSize(inputLen: Int) = cipher.getOutputSize(inputLen)

    override fun engineGetParameters(): AlgorithmParameters? = cipher.parameters

    override fun engineUpdate(
        input: ByteArray?,
        inputOffset: Int,
        inputLen: Int,
    ): ByteArray = cipher.update(input, inputOffset, inputLen)

    override fun engineUpdate(
        input: ByteArray?,
        inputOffset: Int,
        inputLen: Int,
        output: ByteArray?,
        outputOffset: Int,
    ): Int = throw UnsupportedOperationException()

    override fun engineDoFinal(
        input: ByteArray?,
        inputOffset: Int,
        inputLen: Int,
        output: ByteArray?,
        outputOffset: Int,
    ): Int = throw UnsupportedOperationException()
}
